"""Golden numbers for src/ctc and src/recognizer: PyTorch's CTC loss, torchaudio's forced alignment, and brute force over all paths.

    pip install numpy torch torchaudio && python search.py > search.json

Log-probabilities are rounded to 4 decimals first, so that the few digits stored are exactly what was computed with.
"""
import itertools
import json

import numpy as np
import torch
import torchaudio.functional as audio

random = np.random.default_rng(20261121)


def draw_rows(row_count, width, sharpness):
    logits = sharpness * random.standard_normal((row_count, width))
    rows = logits - np.log(np.exp(logits).sum(-1, keepdims=True))
    return np.round(rows, 4)


def draw_labels(count, width):
    labels = random.integers(1, width, count)
    labels[1::5] = labels[0::5][: len(labels[1::5])]  # some labels twice in a row
    return [int(label) for label in labels]


def ctc_score(rows, labels):
    loss = torch.nn.functional.ctc_loss(
        torch.tensor(rows)[:, None], torch.tensor([labels]), [len(rows)], [len(labels)], reduction="sum"
    )
    return -loss.item()


def alignment(rows, labels):
    symbols, scores = audio.forced_align(torch.tensor(rows)[None], torch.tensor([labels], dtype=torch.int32))
    return {"symbols": symbols[0].tolist(), "logProbability": scores.sum().item()}


def collapse(path):
    return tuple(symbol for symbol, _ in itertools.groupby(path) if symbol != 0)


def n_best(rows, allowed):
    """Every label sequence with its log-probability, likeliest first, by adding up all paths."""
    sums = {}
    for path in itertools.product([0, *allowed], repeat=len(rows)):
        probability = np.exp(sum(rows[row, symbol] for row, symbol in enumerate(path)))
        labels = collapse(path)
        sums[labels] = sums.get(labels, 0.0) + probability
    ranked = sorted(sums.items(), key=lambda item: -item[1])
    return [{"labels": list(labels), "logProbability": float(np.log(probability))} for labels, probability in ranked[:10]]


def utterance(row_count, width, label_count, sharpness):
    rows, labels = draw_rows(row_count, width, sharpness), draw_labels(label_count, width)
    return {
        "rows": rows.tolist(),
        "labels": labels,
        "ctcScore": ctc_score(rows, labels),
        "alignment": alignment(rows, labels),
    }


def small(row_count, width, allowed, sharpness):
    rows = draw_rows(row_count, width, sharpness)
    return {"rows": rows.tolist(), "allowed": allowed, "nBest": n_best(rows, allowed)}


print(
    json.dumps(
        {
            "utterances": [utterance(60, 37, 8, 2.0), utterance(40, 12, 12, 1.0), utterance(9, 5, 5, 1.0)],
            "nBests": [small(8, 4, [1, 2, 3], 1.5), small(7, 5, [1, 2, 3, 4], 2.0), small(8, 5, [2, 4], 1.0)],
        }
    )
)
