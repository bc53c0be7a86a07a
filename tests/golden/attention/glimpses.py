"""Golden numbers of Gaussian attention in float64: `pip install numpy && python glimpses.py > glimpses.json`.

Written from DRAW's equations 19 to 27 (Gregor et al., 2015) one number at a time, with their indices from 1. Gradients are
central differences in float64 of the sum of all pixels of the glimpses, each times the cosine of its index. Inputs are multiples of
1/256, so that float32 holds them exactly.
"""
import json

import numpy as np

random = np.random.default_rng(19)


def numbers(*shape, scale=0.7):
    return np.round(random.normal(size=shape) * scale * 256) / 256


def filter_bank(center, stride, variance, count, pixels):
    filters = np.zeros((count, pixels))
    for i in range(1, count + 1):
        place = center + (i - count / 2 - 0.5) * stride  # 19, 20
        row = np.array([np.exp(-((a - place) ** 2) / (2 * variance)) for a in range(1, pixels + 1)])
        filters[i - 1] = row / row.sum()  # 25, 26
    return filters


def glimpses(images, parameters, size):
    batch, height, width, channels = images.shape
    seen = np.zeros((batch, size, size, channels))
    for b in range(batch):
        x, y, log_variance, log_stride, log_intensity = parameters[b]  # 21
        center_x, center_y = (width + 1) / 2 * (x + 1), (height + 1) / 2 * (y + 1)  # 22, 23
        stride = 0 if size == 1 else (max(width, height) - 1) / (size - 1) * np.exp(log_stride)  # 24
        variance = np.exp(log_variance)
        columns = filter_bank(center_x, stride, variance, size, width)
        rows = filter_bank(center_y, stride, variance, size, height)
        for channel in range(channels):
            seen[b, :, :, channel] = np.exp(log_intensity) * rows @ images[b, :, :, channel] @ columns.T  # 27
    return seen


def gradient(f, x, step=1e-6):
    slopes = np.zeros(x.shape)
    for index in np.ndindex(*x.shape):
        moved = x.copy()
        moved[index] += step
        above = f(moved)
        moved[index] -= 2 * step
        slopes[index] = (above - f(moved)) / (2 * step)
    return slopes


def weighed(array):
    return float((array.ravel() * np.cos(np.arange(array.size))).sum())


def stored(array):
    return {"shape": list(array.shape), "data": [float(x) for x in np.asarray(array).ravel()]}


def case(name, shape, size, parameters):
    images, parameters = numbers(*shape), np.array(parameters, dtype=float)
    return {
        "name": name,
        "size": size,
        "images": stored(images),
        "parameters": stored(parameters),
        "glimpses": stored(glimpses(images, parameters, size)),
        "gradients": {
            "images": stored(gradient(lambda x: weighed(glimpses(x, parameters, size)), images)),
            "parameters": stored(gradient(lambda x: weighed(glimpses(images, x, size)), parameters)),
        },
    }


print(
    json.dumps(
        {
            "cases": [
                case("the whole image", (1, 6, 6, 1), 3, [[0, 0, 0, 0, 0]]),
                case("rows and columns unlike, two channels", (2, 5, 8, 2), 4, numbers(2, 5, scale=0.5)),
                case("beyond the border", (1, 5, 4, 1), 3, [[0.75, -0.875, 1, -0.25, 0.5]]),
                case("one filter", (2, 4, 4, 1), 1, [[0.25, 0.125, 0.5, 0.25, -0.5], [-0.5, 0, 1, 1, 0.25]]),
            ]
        }
    )
)
