"""Golden numbers of a walk over a memory that grows, in float64: `pip install numpy && python carry.py > carry.json`.

Nodes are kept in FIFOs that merge by the rule, each with the vectors that it holds; entries are told apart by those.
Where the walk may have stopped is a distribution over entries, moved entry by entry: into the first slot of what an
entry has become part of, and from nowhere to the first entry that holds a vector that came since. Expected stops are
the double sum of Raffel et al., equation 9, over entries with random vectors; nothing of it is a recurrence.
"""
import json

import numpy as np

D, H, A = 3, 2, 4
random = np.random.default_rng(11)


def numbers(*shape, scale=0.7):
    return np.round(random.normal(size=shape) * scale * 256) / 256


def stored(array):
    array = np.asarray(array, float)
    return dict(shape=list(array.shape), data=[round(float(value), 9) + 0.0 for value in array.flatten()])


def live(config, count):
    """Entries after `count` vectors, oldest first: (level, first vector, end, slot)."""
    w, c, k, m = config
    levels = [[]]
    for vector in range(count):
        levels[0].append((vector, vector + 1))
        level = 0
        while True:
            fan_in, reserve = (c, w) if level == 0 else (k, k)
            if len(levels[level]) < reserve + fan_in:
                break
            oldest, levels[level] = levels[level][:fan_in], levels[level][fan_in:]
            level += 1
            if level == len(levels):
                levels.append([])
            levels[level].append((oldest[0][0], oldest[-1][1]))
    entries = []
    for level in reversed(range(len(levels))):
        for start, end in levels[level]:
            entries += [(level, start, end, slot) for slot in range(1 if level == 0 else m)]
    return entries


def moved(config, before, after, stops):
    """Where stops at the entries after `before` vectors, and nowhere, are among those after `after`."""
    old, new = live(config, before), live(config, after)
    alpha, nowhere = np.zeros(len(new)), 1 - sum(stops)
    for entry, share in zip(old, stops):
        if entry in new:
            alpha[new.index(entry)] += share
        else:
            inside = [i for i, (_, start, end, _) in enumerate(new) if start <= entry[1] and entry[2] <= end]
            alpha[inside[0]] += share
    fresh = [i for i, (_, _, end, _) in enumerate(new) if end > before]
    if fresh:
        alpha[fresh[0]] += nowhere
        nowhere = 0
    return alpha, nowhere


def ahead_of(alpha, nowhere):
    return [nowhere + sum(alpha[j + 1 :]) for j in range(len(alpha))]


def spread(config, before, after, shares):
    old, new = live(config, before), live(config, after)
    result = np.zeros(len(new))
    for entry, share in zip(old, shares):
        if entry in new:
            result[new.index(entry)] += share
        else:
            inside = [i for i, (_, start, end, _) in enumerate(new) if start <= entry[1] and entry[2] <= end]
            for i in inside:
                result[i] += share / len(inside)
    return result


def growth(config, before, after):
    shares = random.dirichlet(np.ones(len(live(config, before)) + 1))
    alpha, nowhere = moved(config, before, after, shares[:-1])
    return dict(
        config=list(config),
        before=before,
        after=after,
        ahead=stored(ahead_of(shares[:-1], shares[-1])),
        carriedAhead=stored(ahead_of(alpha, nowhere)),
        alignment=stored(shares[:-1]),
        carriedAlignment=stored(spread(config, before, after, shares[:-1])),
    )


def sigmoid(x):
    return 1 / (1 + np.exp(-x))


def walk(config, counts):
    """Of one query after each of `counts` vectors: entries, expected stops."""
    w = dict(query=numbers(H, A), key=numbers(D, A), bias=numbers(A), score=numbers(A), gain=numbers(1) + 1.5)
    w["offset"] = numbers(1) - 1
    vectors, steps, stops, before = {}, [], [], 0
    for count in counts:
        entries = live(config, count)
        values = np.array([vectors.setdefault(entry, numbers(D)) for entry in entries])
        bias = np.array([np.log((end - start) / (1 if level == 0 else config[3])) for level, start, end, _ in entries])
        query = numbers(H)
        direction = w["score"] / np.linalg.norm(w["score"])
        energy = np.tanh(query @ w["query"] + values @ w["key"] + w["bias"]) @ direction * w["gain"][0]
        p = sigmoid(energy + w["offset"][0] + bias)
        if before == 0:
            at = np.eye(len(entries))[0]
        else:
            at, _ = moved(config, before, count, stops)
        stops = [p[j] * sum(at[k] * np.prod(1 - p[k:j]) for k in range(j + 1)) for j in range(len(entries))]
        before = count
        steps.append(dict(count=count, values=stored(values), query=stored(query), stops=stored(stops)))
    return dict(config=list(config), weights={name: stored(value) for name, value in w.items()}, steps=steps)


CONFIGS = [(3, 2, 2, 2), (2, 3, 2, 1), (1, 1, 3, 3)]
growths = [growth(config, before, after) for config in CONFIGS for before, after in ((1, 4), (7, 8), (9, 30), (40, 41), (40, 90))]
walks = [walk(config, [2, 3, 7, 12, 12, 31, 60]) for config in CONFIGS]
print(json.dumps(dict(growths=growths, walks=walks)).replace('{"config"', '\n{"config"'))
