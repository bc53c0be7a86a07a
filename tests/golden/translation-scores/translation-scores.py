"""Scores by sacreBLEU of corpora that hold what tokenizers and counters get wrong.

    python3 -m venv venv && venv/bin/pip install sacrebleu==2.6.0
    venv/bin/python tests/golden/translation-scores/translation-scores.py > tests/golden/translation-scores/translation-scores.json
"""
import json
import random
import sys

from sacrebleu.metrics import BLEU, CHRF

WORDS = """die Datei wurde nicht gefunden der Ordner kann Fenster öffnen größer Übersicht und oder 3.5 1,000 1,000.50 v2.1-rc3 2-3 -x
e.g. usw. (siehe) "so" 'nicht' http://a.example/b?c=d&e=f &quot;Name&quot; &lt;b&gt; &amp; %s %1$d <skipped> 50% $HOME C++ a/b [x] {y} ~/.c
… „Anführung“ – — naïve 日本語 文字 🙂 👩‍👩‍👧 e\u0301 \u00a0 \u2009 \ufeff x\u0085y x\u001cy \t -\n a-\nb . , ! ? - -- ... ,, 1. .5 5, 5-""".split(' ')


def sentence(rng, longest):
    return ' '.join(rng.choice(WORDS) for _ in range(rng.randint(0, longest)))


def changed(rng, text):
    words = text.split(' ')
    for _ in range(rng.randint(0, 1 + len(words) // 2)):
        at = rng.randrange(len(words) + 1)
        kind = rng.randrange(4)
        if kind == 0:
            words.insert(at, rng.choice(WORDS))
        elif at < len(words) and kind == 1:
            del words[at]
        elif at < len(words) and kind == 2:
            words[at] = rng.choice(WORDS)
        elif at + 1 < len(words):
            words[at], words[at + 1] = words[at + 1], words[at]
    return ' '.join(words)


def corpora():
    rng = random.Random(14)
    yield ['the cat is on the mat'], ['there is a cat on the mat']
    yield [''], ['']
    yield [''], ['a word']
    yield ['a word'], ['']
    yield ['a'], ['a']
    yield ['(hi)'], ['(hi']
    yield ['a b c'], ['a b c']
    yield ['entirely different'], ['nichts davon gleich']
    yield ['trailing-\n'], ['trailing-']
    yield ['trailing-\n\u001c'], ['trailing-']
    yield ['Die Datei wurde nicht gefunden.'], ['Die Datei wurde nicht geladen.']
    for size in [1] * 60 + [3] * 40 + [20] * 20 + [200] * 2:
        references = [sentence(rng, rng.choice([1, 3, 8, 30])) for _ in range(size)]
        hypotheses = [changed(rng, text) if rng.random() < 0.9 else sentence(rng, 8) for text in references]
        yield hypotheses, references


def case(hypotheses, references):
    metrics = {'bleu': BLEU(), 'chrF2': CHRF(), 'chrF2+': CHRF(word_order=1), 'chrF2++': CHRF(word_order=2)}
    scores = {name: metric.corpus_score(hypotheses, [references]) for name, metric in metrics.items()}
    bleu = scores['bleu']
    return {
        'hypotheses': hypotheses,
        'references': references,
        'scores': {name: score.score for name, score in scores.items()},
        'signatures': {name: str(metric.get_signature()) for name, metric in metrics.items()},
        'bleu': {'precisions': bleu.precisions, 'brevityPenalty': bleu.bp, 'lengths': [bleu.sys_len, bleu.ref_len]},
    }


def tokens():
    tokenize = BLEU().tokenizer
    lines = WORDS + [sentence(random.Random(seed), 30) for seed in range(200)]
    return [{'text': line, 'words': tokenize(line.rstrip()).split()} for line in lines]


json.dump({'cases': [case(*corpus) for corpus in corpora()], 'tokens': tokens()}, sys.stdout, ensure_ascii=False, indent=1)
print()
