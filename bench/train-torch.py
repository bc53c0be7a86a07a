"""One training of bench/train.ts again, in PyTorch: the same weights, batches and optimizer. Its argument is the folder of the request.

Prints the losses of the first steps, by which the two are held against each other, and the milliseconds of a step.
"""
import json
import math
import sys
import time
from pathlib import Path

import torch
import torch.nn.functional as F

folder = Path(sys.argv[1])
request = json.loads((folder / "request.json").read_text())
torch.set_num_threads(request["threads"])
memory, units = request["memory"], request["units"]
D, H, M = memory["depth"], memory["heads"], memory["slots"]
data = bytearray((folder / "weights.bin").read_bytes())
weights = {
    name: torch.frombuffer(data, dtype=torch.float32, count=math.prod(shape), offset=offset).reshape(shape).clone()
    for name, (shape, offset) in request["weights"].items()
}

# The recurrence is PyTorch's own, in its layout. What its second bias has beyond ours stays 0.
kind = request["encoder"]
name = f"encoder.{kind}.0"
kernel, bias = weights.pop(name + ".kernel"), weights.pop(name + ".bias")
recalled = torch.zeros(bias.shape)
mask = torch.zeros(bias.shape)
if kind == "gru":  # gates: reset, update, candidate, as in PyTorch
    recalled[2 * units :] = weights.pop(name + ".candidateBias")
    mask[2 * units :] = 1
    recurrence = torch.nn.GRU(units, units, batch_first=True)
    order = torch.arange(3 * units)
else:  # gates: input, candidate, forget, output; in PyTorch input, forget, candidate, output
    recurrence = torch.nn.LSTM(units, units, batch_first=True)
    order = torch.cat([torch.arange(gate * units, (gate + 1) * units) for gate in (0, 2, 1, 3)])
with torch.no_grad():
    recurrence.weight_ih_l0.copy_(kernel[:units, order].T)
    recurrence.weight_hh_l0.copy_(kernel[units:, order].T)
    recurrence.bias_ih_l0.copy_(bias[order])
    recurrence.bias_hh_l0.copy_(recalled)
recurrence.bias_hh_l0.register_hook(lambda gradient: gradient * mask)
for each in weights.values():
    each.requires_grad_()
parameters = list(weights.values()) + list(recurrence.parameters())


def rms(x):
    return x * torch.rsqrt(x.square().mean(-1, keepdim=True) + 1e-6)


def norm(name, x):
    return F.layer_norm(x, (units,), weights[name + ".gain"], weights[name + ".offset"], 1e-5)


def mlp(name, x):
    hidden = F.gelu(rms(x) @ weights[name + ".up.kernel"] + weights[name + ".up.bias"], approximate="tanh")
    return x + hidden @ weights[name + ".down.kernel"]


def summarize(children, kind):
    fan_in = children.shape[1]
    normalized = rms(children)
    keys = weights["memory.summarize.key"].reshape(D, H, D // H)
    queries = weights["memory.summarize.queries"].reshape(M, H, D // H) * math.sqrt(H / D)
    latent = torch.einsum("dhe,mhe->dhm", keys, queries).reshape(D, H * M)
    logits = (normalized @ latent).reshape(-1, fan_in, H, M).permute(0, 2, 3, 1)
    pooling = torch.softmax(logits + weights["memory.summarize.bias." + kind], -1)
    values = (children + normalized @ weights["memory.summarize.value"]).reshape(-1, fan_in, H, D // H)
    pooled = (pooling @ values.transpose(1, 2)).transpose(1, 2).reshape(-1, D)
    return mlp("memory.summarize.mlp", pooled).reshape(-1, M, D)


def entries_of(vectors):
    """Live entries at the end, highest level first, and their bias; the schedule of src/memory/schedule.ts."""
    batch, count, _ = vectors.shape
    below, level, arrived, parts = vectors, 0, count, []
    while arrived > 0:
        fan_in = memory["leafFanIn"] if level == 0 else memory["fanIn"]
        surplus = (arrived - memory["window"]) // fan_in if level == 0 else arrived // fan_in - 1
        merges, slots = max(0, surplus), 1 if level == 0 else M
        tokens = 1 if level == 0 else memory["leafFanIn"] * memory["fanIn"] ** (level - 1)
        live = below[:, merges * fan_in * slots :]
        parts.insert(0, (live, torch.full((live.shape[1],), math.log(tokens / slots))))
        if merges > 0:
            children = below[:, : merges * fan_in * slots].reshape(-1, fan_in * slots, D)
            below = summarize(children, "leaf" if level == 0 else "inner").reshape(batch, merges * M, D)
        arrived, level = merges, level + 1
    return torch.cat([rows for rows, _ in parts], 1), torch.cat([bias for _, bias in parts])


def heads(x):
    return x.reshape(x.shape[0], -1, H, D // H).transpose(1, 2)


def loss_of(tokens, labels):
    embedded = weights["source.embedding"][tokens]
    previous = F.pad(embedded, (0, 0, 1, 0))[:, :-1]
    front = torch.cat([previous, embedded], 2) @ weights["encoder.inputProjection.kernel"]
    hidden = F.relu(norm("encoder.inputProjection.norm", front + weights["encoder.inputProjection.bias"]))
    vectors = norm(name + ".norm", recurrence(hidden)[0])
    entries, bias = entries_of(vectors)
    query = vectors[:, -1:]
    q = heads(rms(query) @ (weights["memory.read.query"] * math.sqrt(H / D)))
    normalized = rms(entries)
    k, v = heads(normalized @ weights["memory.read.key"]), heads(normalized @ weights["memory.read.value"])
    context = torch.softmax(q @ k.transpose(2, 3) + bias, -1) @ v
    attended = context.transpose(1, 2).reshape(-1, D) @ weights["memory.read.output"]
    read = mlp("memory.read.mlp", query.reshape(-1, D) + attended)
    return F.cross_entropy(rms(read) @ weights["answers.kernel"], labels)


options = request["optimizer"]
betas = (options["beta1"], options["beta2"])
groups = [
    {"params": [each for each in parameters if each.dim() > 1], "weight_decay": options["weightDecay"]},
    {"params": [each for each in parameters if each.dim() <= 1], "weight_decay": 0.0},
]
optimizer = torch.optim.AdamW(groups, lr=request["learningRate"], betas=betas, eps=1e-8)
average = [each.detach().clone() for each in parameters]
batches = [(torch.tensor(tokens), torch.tensor(labels)) for tokens, labels in request["batches"]]
losses, step = [], 0  # one loss a step


def train_step():
    global step
    tokens, labels = batches[step % len(batches)]
    optimizer.zero_grad()
    loss = loss_of(tokens, labels)
    loss.backward()
    torch.nn.utils.clip_grad_norm_(parameters, options["clipNorm"])
    optimizer.step()
    step += 1
    decay = min(options["averageDecay"], (1 + step) / (10 + step))
    with torch.no_grad():
        torch._foreach_lerp_(average, [each.detach() for each in parameters], 1 - decay)
    losses.append(loss.item())


for _ in range(request["warmUp"]):
    train_step()
cpu, wall = time.process_time(), time.perf_counter()
for _ in range(request["steps"]):
    train_step()
print(
    json.dumps(
        {
            "version": torch.__version__,
            "losses": losses,
            "cpuMs": 1000 * (time.process_time() - cpu) / request["steps"],
            "wallMs": 1000 * (time.perf_counter() - wall) / request["steps"],
        }
    )
)
