"""Golden numbers of the hierarchical memory, written down independently in JAX (float64): writes memory.json.

    pip install jax && python memory.py

A sequence is streamed through FIFOs that merge by the rule, and read at every time; nothing is shared with the
TypeScript forms but the equations. Gradients are JAX's.
"""
import json
import pathlib

import jax

jax.config.update("jax_enable_x64", True)
import jax.numpy as jnp  # noqa: E402
import numpy as np  # noqa: E402

D, H, M, K, C, W, T = 8, 2, 2, 2, 3, 4, 36


def rms(x):
    return x / jnp.sqrt(jnp.mean(x * x, -1, keepdims=True) + 1e-6)


def mlp(p, name, x):
    hidden = jax.nn.gelu(rms(x) @ p[f"{name}.up.kernel"] + p[f"{name}.up.bias"], approximate=True)
    return x + hidden @ p[f"{name}.down.kernel"]


def heads(x):
    return x.reshape(*x.shape[:-1], H, D // H)


def summarise(p, kind, children, mass):
    """[F, D], [F] -> slots [m, D], pooling [m, F]."""
    normalised = rms(children)
    keys = heads(normalised @ p["memory.summarize.key"])
    values = heads(children + normalised @ p["memory.summarize.value"])
    logits = jnp.einsum("mhe,fhe->hmf", heads(p["memory.summarize.queries"]), keys) / np.sqrt(D // H)
    logits = jnp.where(mass > 0, logits + p[f"memory.summarize.bias.{kind}"], -1e9)
    pooling = jax.nn.softmax(logits, -1)
    pooled = jnp.einsum("hmf,fhe->mhe", pooling, values).reshape(M, D)
    return mlp(p, "memory.summarize.mlp", pooled), pooling.mean(0)


def read(p, query, entries, bias):
    """[D], [E, D], [E] -> output [D], alignment [E]."""
    asked = heads(rms(query) @ p["memory.read.query"])
    keys = heads(rms(entries) @ p["memory.read.key"])
    values = heads(rms(entries) @ p["memory.read.value"])
    alignment = jax.nn.softmax(jnp.einsum("he,nhe->hn", asked, keys) / np.sqrt(D // H) + bias, -1)
    context = jnp.einsum("hn,nhe->he", alignment, values).reshape(D)
    return mlp(p, "memory.read.mlp", query + context @ p["memory.read.output"]), alignment.mean(0)


def live_sets(p, vectors):
    """After each vector the live set, slots [E, D] and masses [E], oldest first: FIFOs, merged by the rule itself."""
    levels = [[]]
    for vector in vectors:
        levels[0].append((vector[None], 1.0))
        level = 0
        while True:
            fan_in, reserve = (C, W) if level == 0 else (K, K)
            if len(levels[level]) < reserve + fan_in:
                break
            oldest, levels[level] = levels[level][:fan_in], levels[level][fan_in:]
            children = jnp.concatenate([slots for slots, _ in oldest])
            slots, _ = summarise(p, "leaf" if level == 0 else "inner", children, jnp.ones(len(children)))
            level += 1
            if level == len(levels):
                levels.append([])
            levels[level].append((slots, sum(mass for _, mass in oldest)))
        nodes = [node for level in reversed(levels) for node in level]
        masses = np.concatenate([np.full(len(slots), mass / len(slots)) for slots, mass in nodes])
        yield jnp.concatenate([slots for slots, _ in nodes]), masses


def outputs(p, vectors, mass_bias):
    live = zip(vectors, live_sets(p, vectors))
    return jnp.stack([read(p, vector, slots, np.log(masses) * mass_bias)[0] for vector, (slots, masses) in live])


def weights(rng):
    def normal(*shape, scale):
        return (rng.standard_normal(shape) * scale).astype(np.float32).astype(np.float64)

    p = {
        "memory.summarize.queries": normal(M, D, scale=1),
        "memory.summarize.bias.leaf": normal(H, M, C, scale=0.5),
        "memory.summarize.bias.inner": normal(H, M, K * M, scale=0.5),
    }
    for name in ["summarize.key", "summarize.value", "read.query", "read.key", "read.value", "read.output"]:
        p[f"memory.{name}"] = normal(D, D, scale=D**-0.5)
    for name in ["memory.summarize.mlp", "memory.read.mlp"]:
        p[f"{name}.up.kernel"] = normal(D, 2 * D, scale=D**-0.5)
        p[f"{name}.up.bias"] = normal(2 * D, scale=0.3)
        p[f"{name}.down.kernel"] = normal(2 * D, D, scale=0.3)
    return p


def plain(x):
    x = np.asarray(x)
    return {"shape": list(x.shape), "data": [float(f"{value:.9g}") for value in x.ravel()]}


def main():
    rng = np.random.default_rng(7)
    p = weights(rng)
    vectors = rng.standard_normal((T, D)).astype(np.float32).astype(np.float64)
    probe = rng.standard_normal((T, D)).astype(np.float32).astype(np.float64)
    children = rng.standard_normal((K * M, D)).astype(np.float32).astype(np.float64)
    mass = np.array([1.5, 1.5, 0, 1.5])
    slots, pooling = summarise(p, "inner", children, mass)
    gradients = jax.grad(lambda q, x: jnp.sum(outputs(q, x, False) * probe), argnums=(0, 1))(p, vectors)
    entries, masses = list(live_sets(p, vectors))[-1]
    golden = {
        "config": {"depth": D, "heads": H, "window": W, "leafFanIn": C, "fanIn": K, "slots": M},
        "weights": {name: plain(value) for name, value in p.items()},
        "vectors": plain(vectors),
        "probe": plain(probe),
        "summary": {"children": plain(children), "mass": plain(mass), "slots": plain(slots), "pooling": plain(pooling)},
        "outputs": plain(outputs(p, vectors, False)),
        "outputsWithMassBias": plain(outputs(p, vectors, True)),
        "entries": plain(entries),
        "masses": plain(masses),
        "gradients": {**{name: plain(value) for name, value in gradients[0].items()}, "vectors": plain(gradients[1])},
    }
    target = pathlib.Path(__file__).with_name("memory.json")
    target.write_text(json.dumps(golden, separators=(",", ":")) + "\n")


if __name__ == "__main__":
    main()
