"""A tokenizer of 600 pieces that PyPI's tokenizers learned from made-up lines, and how it cuts 1,000 others.

    python3 -m venv venv && venv/bin/pip install tokenizers==0.23.3
    venv/bin/python tests/golden/pieces/pieces.py > tests/golden/pieces/pieces.json
"""
import json
import pathlib
import random
import subprocess
import sys
import tempfile

from tokenizers import Tokenizer

WORDS = """die Datei wurde nicht gefunden der Ordner kann Fenster öffnen größer Übersicht und oder Verbindung getrennt schließen
the file was not found folder can open window larger overview and or connection closed isn't don't we'll I'm it's DON'T
{1} {2} {3} {10} {1}: ({2}) %s 100 3.5 1,000 -x --help foo_bar a/b C++ ... … „Anführung“ – — naïve café""".split()
ODD = ['日本語', '文字', '🙂', '👩‍👩‍👧', 'e\u0301', '\u00a0', '\u2009', '\u00ad', '\u3000', 'Ωμέγα', 'Привет', '\u0000', '\x7f', '٣٤', '½', '<s>', '[UNK]', '##x', 'Ġx', 'Ã¶', '']


def line(rng, odd):
    words = [rng.choice(ODD) if rng.random() < odd else rng.choice(WORDS) for _ in range(rng.randint(0, 14))]
    return ''.join(word + rng.choice([' ', ' ', ' ', ' ', '  ', '\t', '', ' \n']) for word in words)


with tempfile.TemporaryDirectory() as folder:
    rng = random.Random(1)
    lines = pathlib.Path(folder) / 'lines.tsv'
    lines.write_text('\n'.join(line(rng, 0).replace('\t', ' ').replace('\n', ' ') for _ in range(3000)))
    written = pathlib.Path(folder) / 'tokenizer.json'
    script = pathlib.Path(__file__).parents[3] / 'scripts' / 'train-pieces.py'
    subprocess.run([sys.executable, script, lines, '600', written], check=True)
    tokenizer = Tokenizer.from_file(str(written))
    content = json.loads(written.read_text())

cases = [line(random.Random(seed), 0.15) for seed in range(2, 1002)]
json.dump({'tokenizer': content, 'lines': [{'text': text, 'ids': tokenizer.encode(text).ids} for text in cases]}, sys.stdout)
print()
