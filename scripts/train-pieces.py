"""Learns pieces (byte-pair encoding of bytes, one vocabulary for both languages) from lines of source, tab, target.

Usage: python train-pieces.py LINES.tsv COUNT TOKENIZER.json
"""
import sys

from tokenizers import AddedToken, Tokenizer, decoders, models, pre_tokenizers, trainers

lines, count, written = sys.argv[1], int(sys.argv[2]), sys.argv[3]

tokenizer = Tokenizer(models.BPE())
tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=True)
tokenizer.decoder = decoders.ByteLevel()
PLACEHOLDERS = 9
trainer = trainers.BpeTrainer(
    vocab_size=count - PLACEHOLDERS,
    initial_alphabet=pre_tokenizers.ByteLevel.alphabet(),
    show_progress=False,
)


def texts():
    with open(lines, encoding='utf-8') as file:
        for line in file:
            yield from line.rstrip('\n').split('\t')


tokenizer.train_from_iterator(texts(), trainer)
tokenizer.add_tokens([AddedToken(f'{{{number}}}', normalized=False) for number in range(1, PLACEHOLDERS + 1)])
tokenizer.save(written)
