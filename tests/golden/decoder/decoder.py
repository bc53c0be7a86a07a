"""Both decoder orders in PyTorch's own modules, with gradients: `pip install torch && python decoder.py > decoder.json`.

The recurrent unit is torch.nn.GRUCell, convolutions are torch.nn.functional.conv1d, scaled dot attention is
torch.nn.functional.scaled_dot_product_attention, the loss is torch.nn.functional.cross_entropy with label smoothing;
all in float64. Weights are multiples of 1/256, so that float32 holds them exactly.
"""
import json

import torch
from torch.nn import functional as F

DEPTH, UNITS, ATTENTION, EMBEDDING, LABELS, ENTRIES, TAPS, CHANNELS = 4, 5, 3, 3, 3, 6, 21, 8
TARGETS = [[3, 1, 1], [2, 0, 0]]
COUNTS = [6, 4]
torch.manual_seed(7)


def parameter(*shape):
    values = (torch.randn(*shape, dtype=torch.float64) * 0.6 * 256).round() / 256
    return values.requires_grad_(True)


def score_weights(score, units):
    if score in ('additive', 'location'):
        own = dict(query=parameter(units, ATTENTION), key=parameter(DEPTH, ATTENTION), bias=parameter(ATTENTION), score=parameter(ATTENTION))
        if score == 'location':
            own.update({'location.filters': parameter(TAPS, CHANNELS), 'location.kernel': parameter(CHANNELS, ATTENTION)})
        return own
    if score == 'dot':
        return {}
    if score == 'general':
        return dict(key=parameter(DEPTH, units))
    if score == 'concat':
        return dict(query=parameter(units, ATTENTION), key=parameter(DEPTH, ATTENTION), score=parameter(ATTENTION))
    if score == 'scaled-dot':
        return dict(query=parameter(units, ATTENTION), key=parameter(DEPTH, ATTENTION))


def attend(score, w, query, entries, visible, previous):
    """query [B, H], entries [B, E, D], visible [B, E], previous [B, E] -> context [B, D], alignment [B, E]"""
    if score == 'scaled-dot':
        asked, keys, mask = (query @ w['query'])[:, None], entries @ w['key'], visible[:, None]
        context = F.scaled_dot_product_attention(asked, keys, entries, attn_mask=mask)
        identity = torch.eye(ENTRIES, dtype=torch.float64).expand(len(query), -1, -1)
        return context[:, 0], F.scaled_dot_product_attention(asked, keys, identity, attn_mask=mask)[:, 0]
    if score == 'additive':
        match = torch.tanh((query @ w['query'])[:, None] + entries @ w['key'] + w['bias']) @ w['score']
    elif score == 'location':
        features = F.conv1d(previous[:, None], w['location.filters'].T[:, None], padding=TAPS // 2)  # [B, C, E]
        location = features.transpose(1, 2) @ w['location.kernel']
        match = torch.tanh((query @ w['query'])[:, None] + entries @ w['key'] + location + w['bias']) @ w['score']
    elif score == 'dot':
        match = torch.einsum('bh,beh->be', query, entries)
    elif score == 'general':
        match = torch.einsum('bh,dh,bed->be', query, w['key'], entries)
    elif score == 'concat':
        kernel = torch.cat([w['query'], w['key']])
        pairs = torch.cat([query[:, None].expand(-1, ENTRIES, -1), entries], -1)
        match = torch.tanh(pairs @ kernel) @ w['score']
    alignment = torch.softmax(match.masked_fill(~visible, float('-inf')), -1)
    return torch.einsum('be,bed->bd', alignment, entries), alignment


def case(order, score):
    units = DEPTH if score == 'dot' else UNITS
    fed = units if order == 'luong' else DEPTH
    attention = score_weights(score, units)
    feeding = 'decoder.gru.attentional' if order == 'luong' else 'decoder.gru.context'
    w = {
        'decoder.embedding': parameter(LABELS + 1, EMBEDDING),
        'decoder.gru.token': parameter(EMBEDDING, 3 * units),
        feeding: parameter(fed, 3 * units),
        'decoder.gru.hidden': parameter(units, 3 * units),
        'decoder.gru.bias': parameter(3 * units),
        'decoder.gru.candidateBias': parameter(units),
        **{f'decoder.attention.{name}': value for name, value in attention.items()},
    }
    if order == 'luong':
        w['decoder.attentional.kernel'] = parameter(DEPTH + units, units)
    features = units if order == 'luong' else units + DEPTH
    w['decoder.output.kernel'] = parameter(features, LABELS + 1)
    w['decoder.output.bias'] = parameter(LABELS + 1)
    entries = parameter(2, ENTRIES, DEPTH)
    visible = torch.arange(ENTRIES)[None] < torch.tensor(COUNTS)[:, None]

    cell = torch.nn.GRUCell(EMBEDDING + fed, units, dtype=torch.float64)
    hidden_bias = torch.cat([torch.zeros(2 * units, dtype=torch.float64), w['decoder.gru.candidateBias']])
    gru = dict(
        weight_ih=torch.cat([w['decoder.gru.token'], w[feeding]]).T,
        weight_hh=w['decoder.gru.hidden'].T,
        bias_ih=w['decoder.gru.bias'],
        bias_hh=hidden_bias,
    )
    step = lambda x, h: torch.func.functional_call(cell, gru, (x, h))

    targets = torch.tensor(TARGETS)
    tokens = torch.cat([torch.zeros(2, 1, dtype=torch.long), targets], 1)
    hidden = torch.zeros(2, units, dtype=torch.float64)
    attentional = torch.zeros(2, units, dtype=torch.float64)
    alignment = torch.zeros(2, ENTRIES, dtype=torch.float64)
    logits, alignments = [], []
    for token in tokens.T:
        embedded = w['decoder.embedding'][token]
        if order == 'bahdanau':
            context, alignment = attend(score, attention, hidden, entries, visible, alignment)
            hidden = step(torch.cat([embedded, context], 1), hidden)
            output = torch.cat([hidden, context], 1)
        else:
            hidden = step(torch.cat([embedded, attentional], 1), hidden)
            context, alignment = attend(score, attention, hidden, entries, visible, alignment)
            attentional = output = torch.tanh(torch.cat([context, hidden], 1) @ w['decoder.attentional.kernel'])
        logits.append(output @ w['decoder.output.kernel'] + w['decoder.output.bias'])
        alignments.append(alignment)
    logits, alignments = torch.stack(logits, 1), torch.stack(alignments, 1)
    following = torch.cat([targets, torch.zeros(2, 1, dtype=torch.long)], 1)
    following[1, 2:] = -100  # behind the end of the second row
    loss = F.cross_entropy(logits.flatten(0, 1), following.flatten(), label_smoothing=0.1, ignore_index=-100)
    loss.backward()
    rounded = lambda tensor: dict(shape=list(tensor.shape), data=[round(v, 9) for v in tensor.flatten().tolist()])
    return dict(
        order=order,
        score=score,
        units=units,
        weights={name: rounded(value.detach()) for name, value in w.items()},
        entries=rounded(entries.detach()),
        logits=rounded(logits.detach()),
        alignment=rounded(alignments.detach()),
        loss=loss.item(),
        gradients={name: rounded(value.grad) for name, value in {**w, 'entries': entries}.items()},
    )


cases = [case(order, score) for order in ('bahdanau', 'luong') for score in ('additive', 'location', 'dot', 'general', 'concat', 'scaled-dot')]
sizes = dict(attentionUnits=ATTENTION, embedding=EMBEDDING, labelCount=LABELS, entryCounts=COUNTS, targets=TARGETS)
print(json.dumps(dict(sizes=sizes, cases=cases)).replace('{"order"', '\n{"order"'))
