"""Decoders in both orders by every recurrent unit, first state and feeding, in float64, with gradients:
`pip install numpy autograd && python recurrences.py > recurrences.json`.

Written out from the papers' equations, a step and a gate at a time: the GRU of Cho et al. with the reset gate after the
recurrent product, the LSTM of Gers et al., Bahdanau's (A.2.2) first state, Luong's input feeding (3.3). Attention is
Luong's general score. Gradients are HIPS autograd's. Weights are multiples of 1/256, so that float32 holds them exactly.
"""
import json

import autograd.numpy as np
from autograd import grad

DEPTH, UNITS, EMBEDDING, LABELS, ENTRIES, FINAL = 4, 5, 3, 3, 6, 7
TARGETS = [[3, 1, 1], [2, 0, 0]]
COUNTS = [6, 4]
LENGTHS = [3, 1]
rng = np.random.RandomState(11)


def parameter(*shape):
    return np.round(rng.randn(*shape) * 0.6 * 256) / 256


def sigmoid(x):
    return 1 / (1 + np.exp(-x))


def gru(w, x, h):
    """x [B, E] beside what is fed; the weights' columns are reset, update, candidate"""
    W, U, b, c = w['input'], w['decoder.gru.hidden'], w['decoder.gru.bias'], w['decoder.gru.candidateBias']
    gate = lambda k: slice(k * UNITS, (k + 1) * UNITS)
    r = sigmoid(x @ W[:, gate(0)] + b[gate(0)] + h @ U[:, gate(0)])
    z = sigmoid(x @ W[:, gate(1)] + b[gate(1)] + h @ U[:, gate(1)])
    n = np.tanh(x @ W[:, gate(2)] + b[gate(2)] + r * (h @ U[:, gate(2)] + c))
    return (1 - z) * n + z * h


def lstm(w, x, h, c):
    """the weights' columns are input, candidate, forget, output"""
    W, U, b = w['input'], w['decoder.lstm.hidden'], w['decoder.lstm.bias']
    pre = lambda k: x @ W[:, k * UNITS:(k + 1) * UNITS] + h @ U[:, k * UNITS:(k + 1) * UNITS] + b[k * UNITS:(k + 1) * UNITS]
    c = sigmoid(pre(2)) * c + sigmoid(pre(0)) * np.tanh(pre(1))
    return sigmoid(pre(3)) * np.tanh(c), c


def attend(w, query, entries):
    """Luong's general score over each row's own entries"""
    contexts, alignments = [], []
    for row, count in enumerate(COUNTS):
        own = entries[row][:count]
        score = own @ w['decoder.attention.key'] @ query[row]
        share = np.exp(score - np.max(score))
        share = share / np.sum(share)
        contexts.append(share @ own)
        alignments.append(np.concatenate([share, np.zeros(ENTRIES - count)]))
    return np.stack(contexts), np.stack(alignments)


def run(w, order, cell, feeding, first):
    fed = {'bahdanau': 'context', 'luong': 'attentional'}[order] if order == 'bahdanau' or feeding else None
    kernels = [w[f'decoder.{cell}.token']] + ([w[f'decoder.{cell}.{fed}']] if fed else [])
    w = {**w, 'input': np.concatenate(kernels)}
    h = c = t = np.zeros((2, UNITS))
    if first == 'encoder':
        h = np.tanh(w['final'] @ w['decoder.start.kernel'] + w['decoder.start.bias'])
        if cell == 'lstm':
            c = np.tanh(w['final'] @ w['decoder.start.cell.kernel'] + w['decoder.start.cell.bias'])
    step = lambda x: (gru(w, x, h), c) if cell == 'gru' else lstm(w, x, h, c)
    tokens = np.concatenate([np.zeros((2, 1), int), np.array(TARGETS)], 1)
    logits, alignments = [], []
    for token in tokens.T:
        y = w['decoder.embedding'][token]
        if order == 'bahdanau':
            context, alignment = attend(w, h, w['entries'])
            h, c = step(np.concatenate([y, context], 1))
            output = np.concatenate([h, context], 1)
        else:
            h, c = step(np.concatenate([y, t], 1) if feeding else y)
            context, alignment = attend(w, h, w['entries'])
            t = output = np.tanh(np.concatenate([context, h], 1) @ w['decoder.attentional.kernel'])
        logits.append(output @ w['decoder.output.kernel'] + w['decoder.output.bias'])
        alignments.append(alignment)
    return np.stack(logits, 1), np.stack(alignments, 1)


def loss_of(w, *kind):
    """Mean cross-entropy with label smoothing 0.1 over each row's targets and its end"""
    logits, _ = run(w, *kind)
    total, count = 0, 0
    for row, length in enumerate(LENGTHS):
        for step in range(length + 1):
            z = logits[row, step]
            log_probabilities = z - np.log(np.sum(np.exp(z)))
            label = TARGETS[row][step] if step < length else 0
            total = total - 0.9 * log_probabilities[label] - 0.1 * np.mean(log_probabilities)
            count += 1
    return total / count


def case(order, cell, feeding, first):
    gates = 3 if cell == 'gru' else 4
    w = {
        'decoder.embedding': parameter(LABELS + 1, EMBEDDING),
        f'decoder.{cell}.token': parameter(EMBEDDING, gates * UNITS),
        f'decoder.{cell}.hidden': parameter(UNITS, gates * UNITS),
        f'decoder.{cell}.bias': parameter(gates * UNITS),
        'decoder.attention.key': parameter(DEPTH, UNITS),
        'entries': parameter(2, ENTRIES, DEPTH),
    }
    if cell == 'gru':
        w['decoder.gru.candidateBias'] = parameter(UNITS)
    if order == 'bahdanau':
        w[f'decoder.{cell}.context'] = parameter(DEPTH, gates * UNITS)
    else:
        w['decoder.attentional.kernel'] = parameter(DEPTH + UNITS, UNITS)
        if feeding:
            w[f'decoder.{cell}.attentional'] = parameter(UNITS, gates * UNITS)
    w['decoder.output.kernel'] = parameter(UNITS + DEPTH if order == 'bahdanau' else UNITS, LABELS + 1)
    w['decoder.output.bias'] = parameter(LABELS + 1)
    if first == 'encoder':
        w['final'] = parameter(2, FINAL)
        for name in ['decoder.start'] + (['decoder.start.cell'] if cell == 'lstm' else []):
            w[f'{name}.kernel'] = parameter(FINAL, UNITS)
            w[f'{name}.bias'] = parameter(UNITS)
    kind = (order, cell, feeding, first)
    logits, alignment = run(w, *kind)
    gradients = grad(loss_of)(w, *kind)
    rounded = lambda array: dict(shape=list(array.shape), data=[round(float(v), 9) for v in array.flatten()])
    return dict(
        order=order,
        cell=cell,
        inputFeeding=feeding,
        firstState=first,
        weights={name: rounded(value) for name, value in w.items()},
        logits=rounded(logits),
        alignment=rounded(alignment),
        loss=float(loss_of(w, *kind)),
        gradients={name: rounded(value) for name, value in gradients.items()},
    )


orders = [('bahdanau', True), ('luong', True), ('luong', False)]
cases = [case(order, cell, feeding, first) for order, feeding in orders for cell in ('gru', 'lstm') for first in ('zeros', 'encoder')]
sizes = dict(units=UNITS, embedding=EMBEDDING, entryCounts=COUNTS, targets=TARGETS)
print(json.dumps(dict(sizes=sizes, cases=cases)).replace('{"order"', '\n{"order"'))
