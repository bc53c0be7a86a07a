"""Golden numbers of the gated delta rule in float64: `pip install numpy && python delta-rule.py > delta-rule.json`.

By the matrix form of Yang, Kautz and Hatamizadeh (2024), equation 10: S_t = a_t S_{t-1} (I - b_t k_t k_t') + b_t v_t k_t', o_t = S_t q_t,
where S maps keys to values; what is stored as state is its transpose.
"""
import json

import numpy as np

T, B, H, C, V = 45, 2, 2, 5, 3
random = np.random.default_rng(7)


def numbers(*shape):
    return random.normal(size=shape)


def unit(x):
    return x / np.linalg.norm(x, axis=-1, keepdims=True)


queries, keys = unit(numbers(T, B, H, C)), unit(numbers(T, B, H, C) * 0.3 + 1)
values, write = numbers(T, B, H, V), 1 / (1 + np.exp(-2 * numbers(T, B, H, 1)))
log_keep, state = -np.log1p(np.exp(numbers(T, B, H, 1) - 2)), numbers(B, H, C, V)
outputs, after = np.zeros((T, B, H, V)), np.zeros((B, H, C, V))
for b in range(B):
    for h in range(H):
        S = state[b, h].T
        for t in range(T):
            k, v, beta, alpha = keys[t, b, h], values[t, b, h], write[t, b, h, 0], np.exp(log_keep[t, b, h, 0])
            S = alpha * S @ (np.eye(C) - beta * np.outer(k, k)) + beta * np.outer(v, k)
            outputs[t, b, h] = S @ queries[t, b, h]
        after[b, h] = S.T


def stored(x):
    return dict(shape=list(x.shape), data=[round(float(value), 9) + 0.0 for value in x.flatten()])


print(json.dumps(dict(queries=stored(queries), keys=stored(keys), values=stored(values), write=stored(write),
                      logKeep=stored(log_keep), state=stored(state), outputs=stored(outputs), after=stored(after))))
