"""Losses and gradients of PyTorch's CTC, in float64: `pip install torch && python ctc.py > ctc.json`.

Logits are multiples of 1/64, so that float32 holds them exactly.
"""
import json
import random

import torch

torch.manual_seed(1)
rnd = random.Random(1)


def case(name, frames, classes, labels, scale=4.0, rows=None):
    rows = rows or [(frames, labels)]
    logits = (torch.randn(len(rows), frames, classes, dtype=torch.float64) * scale * 64).round() / 64
    logits.requires_grad_(True)
    losses = torch.nn.functional.ctc_loss(
        torch.log_softmax(logits, -1).transpose(0, 1),
        torch.tensor([label for _, row in rows for label in row], dtype=torch.long),
        torch.tensor([count for count, _ in rows]),
        torch.tensor([len(row) for _, row in rows]),
        blank=0,
        reduction='none',
        zero_infinity=False,
    )
    finite = torch.isfinite(losses)
    losses[finite].sum().backward() if finite.any() else None
    gradient = logits.grad if logits.grad is not None else torch.zeros_like(logits)
    gradient = torch.where(finite[:, None, None], gradient, torch.zeros_like(gradient))
    return dict(
        name=name,
        labels=[row for _, row in rows],
        frameCounts=[count for count, _ in rows],
        logits=logits.tolist(),
        losses=[loss if finite[i] else 'Infinity' for i, loss in enumerate(losses.tolist())],
        gradient=[[[round(v, 9) for v in frame] for frame in row] for row in gradient.tolist()],
    )


def main():
    cases = [
        case('one frame, one label', 1, 3, [2]),
        case('one frame, no label', 1, 3, []),
        case('no label', 6, 4, []),
        case('as many labels as frames', 4, 5, [1, 2, 3, 4]),
        case('repeats that just fit', 5, 3, [1, 1, 2, 2]),
        case('repeats that do not fit', 5, 3, [1, 1, 1, 2]),
        case('more labels than frames', 2, 4, [1, 2, 3]),
        case('one label over and over', 12, 4, [3, 3, 3, 3]),
        case('sharp posteriors', 20, 6, [1, 2, 2, 5, 4], scale=40.0),
        case('flat posteriors', 20, 6, [1, 2, 2, 5, 4], scale=0.05),
        case('a word of ten labels', 60, 12, [3, 7, 7, 1, 11, 2, 2, 2, 9, 5]),
        case('rows of different lengths', 9, 5, None, rows=[(9, [1, 2, 2]), (4, [4]), (7, []), (3, [2, 2, 2]), (1, [3])]),
    ]
    for index in range(24):
        classes = rnd.randint(2, 6)
        frames = rnd.randint(1, 12)
        labels = [rnd.randint(1, classes - 1) for _ in range(rnd.randint(0, min(frames, 5)))]
        cases.append(case(f'random {index}', frames, classes, labels, scale=rnd.choice([0.5, 2.0, 8.0])))
    print('[\n' + ',\n'.join(json.dumps(each) for each in cases) + '\n]')


main()
