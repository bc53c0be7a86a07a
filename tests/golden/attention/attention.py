"""Golden numbers of the attention family in float64: `pip install numpy && python attention.py > attention.json`.

Every mechanism is written from its paper's equations as sums over entries, one row and one query at a time; the
monotonic ones as the double sums of the papers, not as recurrences. Gradients are central differences in float64, of
the sum of all contexts and alignments, each element times the cosine of its index. Inputs are multiples of 1/256, so
that float32 holds them exactly.
"""
import json

import numpy as np

B, E, D, H, A, STEPS = 2, 5, 4, 3, 4, 3
HIDDEN = -1e9
BIAS = np.array([[0, 0.6875, 1.09375, 0, 0.25], [0, 1.375, 0, HIDDEN, HIDDEN]])
random = np.random.default_rng(7)


def numbers(*shape, scale=0.7):
    return np.round(random.normal(size=shape) * scale * 256) / 256


def sigmoid(x):
    return 1 / (1 + np.exp(-x))


def softmax(x, visible):
    x = np.where(visible, x, -np.inf)
    exponentials = np.exp(x - x.max())
    return exponentials / exponentials.sum()


# --- scores of one query q and one entry h ---
def additive_score(w, q, h, e, previous):
    return w["score"] @ np.tanh(q @ w["query"] + h @ w["key"] + w["bias"])


def concat_score(w, q, h, e, previous):
    return w["score"] @ np.tanh(np.concatenate([q, h]) @ np.concatenate([w["query"], w["key"]]))


def location_score(w, q, h, e, previous):
    filters = w["location.filters"]
    reach = len(filters) // 2
    features = np.zeros(filters.shape[1])
    for tap in range(len(filters)):
        if 0 <= e + tap - reach < len(previous):
            features += previous[e + tap - reach] * filters[tap]
    energy = q @ w["query"] + h @ w["key"] + features @ w["location.kernel"] + w["bias"]
    return w["score"] @ np.tanh(energy)


def network_score(w, q, h, e, previous):
    first = np.tanh(np.concatenate([q, h]) @ np.concatenate([w["query"], w["key"]]) + w["bias"])
    return w["score"] @ np.tanh(first @ w["hidden.kernel"] + w["hidden.bias"])


def dot_score(w, q, h, e, previous):
    return q @ h


def general_score(w, q, h, e, previous):
    return h @ w["key"] @ q


def scaled_dot_score(w, q, h, e, previous):
    return (q @ w["query"]) @ (h @ w["key"]) / np.sqrt(w["query"].shape[1])


def cosine_score(w, q, h, e, previous):
    return w["strength"][0] * (q @ h) / (np.linalg.norm(q) * np.linalg.norm(h))


def additive_weights(h=H, d=D, a=A):
    return dict(query=numbers(h, a), key=numbers(d, a), bias=numbers(a), score=numbers(a))


def monotonic_weights():
    return dict(additive_weights(), gain=numbers(1) + 1.5, offset=numbers(1))


def no_bias(w):
    return {name: value for name, value in w.items() if name != "bias"}


# --- mechanisms: (weights, queries [STEPS, H], keys [E, X], values [E, D], bias [E]) -> alignments [STEPS, E] ---
def softmax_attention(score):
    def run(w, queries, keys, values, bias):
        visible, previous, rows = bias > HIDDEN / 2, np.zeros(E), []
        for q in queries:
            scores = np.array([score(w, q, keys[e], e, previous) for e in range(E)])
            previous = softmax(scores + bias, visible)
            rows.append(previous)
        return np.array(rows)

    return run


def average_pooling(w, queries, keys, values, bias):
    mass = np.where(bias > HIDDEN / 2, np.exp(bias), 0)
    return np.array([mass / mass.sum() for _ in queries])


def kernel_regression(kernel, width):
    def run(w, queries, keys, values, bias):
        rows = []
        for q in queries:
            scale = w["inverseWidth"][0] if width == "learned" else 1 / width
            u = np.array([np.linalg.norm(q - keys[e]) * abs(scale) for e in range(E)])
            if kernel == "gaussian":
                shares = np.exp(-(u**2) / 2)
            elif kernel == "boxcar":
                shares = np.where(u <= 1, 1.0, 0.0)
            else:
                shares = np.where(u < 1, 1 - u**2, 0.0)
            shares = shares * np.where(bias > HIDDEN / 2, np.exp(bias), 0)
            rows.append(shares / shares.sum() if shares.sum() > 0 else shares)
        return np.array(rows)

    return run


def local(kind, score, reach):
    def run(w, queries, keys, values, bias):
        visible, rows, previous = bias > HIDDEN / 2, [], np.zeros(E)
        count = visible.sum()
        for t, q in enumerate(queries):
            if kind == "m":
                place = min(t, count - 1)
            else:
                place = count * sigmoid(w["place.score"] @ np.tanh(q @ w["place.kernel"]))
            inside = visible & (np.abs(np.arange(E) - place) <= reach)
            scores = np.array([score(w, q, keys[e], e, previous) for e in range(E)])
            row = softmax(scores + bias, inside)
            if kind == "p":
                row = row * np.exp(-((np.arange(E) - place) ** 2) / (2 * (reach / 2) ** 2))
            previous = row
            rows.append(row)
        return np.array(rows)

    return run


def stop_probability(w, q, h, bias):
    direction = w["score"] / np.linalg.norm(w["score"])
    energy = w["gain"][0] * direction @ np.tanh(q @ w["query"] + h @ w["key"] + w["bias"]) + w["offset"][0]
    return 0.0 if bias < HIDDEN / 2 else sigmoid(energy + bias)


def expected_stops(w, queries, keys, bias):
    """Raffel et al., equation 9: alpha_ij = p_ij sum_k<=j alpha_(i-1)k prod_l=k..j-1 (1 - p_il)."""
    alpha, rows = np.eye(E)[0], []
    for q in queries:
        p = np.array([stop_probability(w, q, keys[e], bias[e]) for e in range(E)])
        alpha = np.array([p[j] * sum(alpha[k] * np.prod(1 - p[k:j]) for k in range(j + 1)) for j in range(E)])
        rows.append(alpha)
    return np.array(rows)


def hard_stops(w, queries, keys, bias):
    """Algorithm 1; None where nothing is found, and for every query after it."""
    at, found = 0, []
    for q in queries:
        while at is not None and at < E and stop_probability(w, q, keys[at], bias[at]) <= 0.5:
            at += 1
        at = None if at is None or at >= E else at
        found.append(at)
    return found


def part(w, prefix):
    return {name[len(prefix):]: value for name, value in w.items() if name.startswith(prefix)}


def monotonic(hard):
    def run(w, queries, keys, values, bias):
        if not hard:
            return expected_stops(w, queries, keys, bias)
        return np.array([np.zeros(E) if at is None else np.eye(E)[at] for at in hard_stops(w, queries, keys, bias)])

    return run


def chunkwise(chunk, score, hard):
    """chunk None: back to the first entry (MILk), else MoChA."""

    def soft(w, q, keys, bias, k):
        first = 0 if chunk is None else max(0, k - chunk + 1)
        inside = (np.arange(E) >= first) & (np.arange(E) <= k) & (bias > HIDDEN / 2)
        u = np.array([score(part(w, "soft."), q, keys[e], e, None) for e in range(E)]) + bias
        return softmax(u, inside)

    def run(w, queries, keys, values, bias):
        rows = []
        if hard:
            for q, at in zip(queries, hard_stops(part(w, "stop."), queries, keys, bias)):
                rows.append(np.zeros(E) if at is None else soft(w, q, keys, bias, at))
            return np.array(rows)
        for q, alpha in zip(queries, expected_stops(part(w, "stop."), queries, keys, bias)):
            rows.append(sum(alpha[k] * soft(w, q, keys, bias, k) for k in range(E) if bias[k] > HIDDEN / 2))
        return np.array(rows)

    return run


def multi_head(run_head, heads):
    """Heads project the values first, as in the paper. Gives alignments and contexts."""

    def run(w, queries, keys, values, bias):
        alignments, contexts = [], []
        for head in range(heads):
            own = part(w, f"head.{head}.")
            alignment = run_head(own, queries, keys, values, bias)
            alignments.append(alignment)
            contexts.append(alignment @ (values @ own["value"]))
        return np.mean(alignments, 0), np.concatenate(contexts, 1) @ w["output"]

    return run


def self_attention(heads, causal):
    """x [E, D] -> alignment [E, E], outputs [E, D]."""

    def run(w, x, bias):
        alignments, outputs = [], []
        for head in range(heads):
            own = part(w, f"head.{head}.")
            alignment = np.zeros((E, E))
            for t in range(E):
                seen = (bias > HIDDEN / 2) & ((np.arange(E) <= t) | (not causal))
                scores = [scaled_dot_score(own, x[t], x[s], s, None) for s in range(E)]
                alignment[t] = softmax(np.array(scores) + bias, seen)
            alignments.append(alignment)
            outputs.append(alignment @ (x @ own["value"]))
        return np.mean(alignments, 0), np.concatenate(outputs, 1) @ w["output"]

    return run


def head_weights(heads, own):
    w = {}
    for head in range(heads):
        w.update({f"head.{head}.{name}": value for name, value in {**own(), "value": numbers(D, D // heads)}.items()})
    return {**w, "output": numbers(D, D)}


def under(prefix, w):
    return {f"{prefix}{name}": value for name, value in w.items()}


def coefficients(shape):
    return np.cos(np.arange(np.prod(shape))).reshape(shape)


def gradients(f, inputs, step=1e-5):
    result = {}
    for name, value in inputs.items():
        gradient = np.zeros(value.size)
        for index in range(value.size):
            moved = []
            for sign in (1, -1):
                changed = value.copy()
                changed.flat[index] += sign * step
                moved.append(f({**inputs, name: changed}))
            gradient[index] = (moved[0] - moved[1]) / (2 * step)
        result[name] = gradient.reshape(value.shape)
    return result


def stored(array):
    array = np.asarray(array)
    return dict(shape=list(array.shape), data=[round(float(value), 9) + 0.0 for value in array.flatten()])


def walks(alignments):
    """Whether rows stop in three places or more, and once nowhere: what an example of hard stops should show."""
    last = {int(np.flatnonzero(row)[-1]) for row in alignments.reshape(-1, E) if row.any()}
    nowhere = sum(not row.any() for row in alignments.reshape(-1, E))
    return len(last) >= 3 and nowhere == 1


def hard_weights(w):
    """Others of the same names and shapes, of larger numbers."""
    return {name: numbers(*value.shape, scale=1.5) for name, value in w.items()}


def case(name, run, w, query_depth=H):
    inputs = {**w, "values": numbers(B, E, D), "queries": numbers(STEPS, B, query_depth)}

    def attend(given):
        alignments, contexts = np.zeros((STEPS, B, E)), np.zeros((STEPS, B, D))
        for row in range(B):
            values = given["values"][row]
            result = run(given, given["queries"][:, row], values, values, BIAS[row])
            alignments[:, row], contexts[:, row] = result if isinstance(result, tuple) else (result, result @ values)
        return contexts, alignments

    def total(given):
        return sum((array * coefficients(array.shape)).sum() for array in attend(given))

    contexts, alignments = attend(inputs)
    hard = name.startswith("hard")
    if hard and not walks(alignments):
        return case(name, run, hard_weights(w), query_depth)
    return dict(
        name=name,
        weights={key: stored(value) for key, value in w.items()},
        values=stored(inputs["values"]),
        queries=stored(inputs["queries"]),
        contexts=stored(contexts),
        alignments=stored(alignments),
        gradients={key: stored(value) for key, value in gradients(total, inputs).items()} if not hard else {},
    )


def self_case(name, causal):
    w = head_weights(2, lambda: dict(query=numbers(D, 2), key=numbers(D, 2)))
    x = numbers(B, E, D)

    def attend(given):
        rows = [self_attention(2, causal)(given, given["values"][row], BIAS[row]) for row in range(B)]
        return np.array([outputs for _, outputs in rows]), np.array([alignment for alignment, _ in rows])

    def total(given):
        return sum((array * coefficients(array.shape)).sum() for array in attend(given))

    outputs, alignment = attend({**w, "values": x})
    return dict(
        name=name,
        weights={key: stored(value) for key, value in w.items()},
        values=stored(x),
        outputs=stored(outputs),
        alignment=stored(alignment),
        gradients={key: stored(value) for key, value in gradients(total, {**w, "values": x}).items()},
    )


def sampled_case(name, score, w, drawn):
    """Hard attention: the likeliest entry, or the first up to which probabilities sum to more than a uniform number.

    Gradients are those of the estimator: the rows' mean of (cost - baseline) log p, choices and costs held.
    """
    inputs = {**w, "values": numbers(B, E, D), "queries": numbers(STEPS, B, H)}
    uniform, costs, baseline = random.uniform(size=(STEPS, B)), numbers(B, scale=3), 0.75

    def attend(given, held=None):
        choices, logs = np.zeros((STEPS, B), int), np.zeros((STEPS, B))
        for row in range(B):
            previous, visible = np.zeros(E), BIAS[row] > HIDDEN / 2
            for step in range(STEPS):
                q, keys = given["queries"][step, row], given["values"][row]
                scores = np.array([score(given, q, keys[e], e, previous) for e in range(E)])
                shares = softmax(scores + BIAS[row], visible)
                reached = np.flatnonzero(np.cumsum(shares) > uniform[step, row])
                own = reached[0] if drawn else np.argmax(shares)
                choices[step, row] = own if held is None else held[step, row]
                logs[step, row] = np.log(shares[choices[step, row]])
                previous = np.eye(E)[choices[step, row]]
        return choices, logs

    choices, logs = attend(inputs)
    total = lambda given: ((costs - baseline) * attend(given, choices)[1].sum(0)).mean()
    return dict(
        name=name,
        weights={key: stored(value) for key, value in w.items()},
        values=stored(inputs["values"]),
        queries=stored(inputs["queries"]),
        uniform=stored(uniform),
        costs=stored(costs),
        baseline=baseline,
        alignments=stored(np.eye(E)[choices]),
        logProbabilities=stored(np.cumsum(logs, 0)[..., None]),
        gradients={key: stored(value) for key, value in gradients(total, inputs).items()},
    )


def lagging_case():
    """Arivazhagan et al.: what a row's outputs wait, by the sums as they stand."""
    stops = np.abs(numbers(B, STEPS, E, scale=0.16)) * np.array([[[1.0] * E], [[1.0, 1.0, 1.0, 0, 0]]])
    input_lengths, output_lengths = [E, 3], [STEPS, 2]

    def total(given):
        laggings = []
        for row in range(B):
            pace, paced, lagging = input_lengths[row] / output_lengths[row], -np.inf, 0
            for i in range(output_lengths[row]):
                alpha = given["stops"][row, i]
                heard = sum((j + 1) * alpha[j] for j in range(E)) + (1 - alpha.sum()) * input_lengths[row]
                paced = max(heard, paced + pace)
                lagging += paced - i * pace
            laggings.append(lagging / output_lengths[row])
        return np.mean(laggings)

    return dict(
        stops=stored(stops),
        inputLengths=input_lengths,
        outputLengths=output_lengths,
        lagging=float(total(dict(stops=stops))),
        gradient=stored(gradients(total, dict(stops=stops))["stops"]),
    )


network_weights = lambda: dict(additive_weights(), **{"hidden.kernel": numbers(A, A), "hidden.bias": numbers(A)})
location_weights = lambda: dict(
    additive_weights(), **{"location.filters": numbers(21, 8, scale=0.4), "location.kernel": numbers(8, A)}
)
place_weights = lambda: {"place.kernel": numbers(H, A), "place.score": numbers(A)}
scaled_weights = lambda: dict(query=numbers(H, 2), key=numbers(D, 2))
chunk_weights = lambda: {**under("stop.", monotonic_weights()), **under("soft.", additive_weights())}

cases = [
    case("averagePooling", average_pooling, {}),
    case("gaussian", kernel_regression("gaussian", 1), {}, D),
    case("boxcar", kernel_regression("boxcar", 2), {}, D),
    case("epanechnikov", kernel_regression("epanechnikov", 2.5), {}, D),
    case("learnedGaussian", kernel_regression("gaussian", "learned"), dict(inverseWidth=numbers(1) + 1), D),
    case("additive", softmax_attention(additive_score), additive_weights()),
    case("location", softmax_attention(location_score), location_weights()),
    case("network", softmax_attention(network_score), network_weights()),
    case("dot", softmax_attention(dot_score), {}, D),
    case("general", softmax_attention(general_score), dict(key=numbers(D, H))),
    case("concat", softmax_attention(concat_score), no_bias(additive_weights())),
    case("scaledDot", softmax_attention(scaled_dot_score), scaled_weights()),
    case("cosine", softmax_attention(cosine_score), dict(strength=numbers(1) + 3), D),
    case("localMonotonic", local("m", general_score, 1), dict(key=numbers(D, H))),
    case("localPredictive", local("p", general_score, 2), {"key": numbers(D, H), **place_weights()}),
    case("monotonic", monotonic(False), monotonic_weights()),
    case("hardMonotonic", monotonic(True), monotonic_weights()),
    case("mocha", chunkwise(2, additive_score, False), chunk_weights()),
    case("hardMocha", chunkwise(2, additive_score, True), chunk_weights()),
    case("milk", chunkwise(None, additive_score, False), chunk_weights()),
    case("hardMilk", chunkwise(None, additive_score, True), chunk_weights()),
    case("multiHead", multi_head(softmax_attention(scaled_dot_score), 2), head_weights(2, scaled_weights)),
]
self_cases = [self_case("whole", False), self_case("causal", True)]
wide_chunk_weights = lambda own: {**under("stop.", monotonic_weights()), **under("soft.", own)}
cases += [
    case("localMonotonicBehind", local("m", additive_score, 1), additive_weights()),
    case("localPredictiveBehind", local("p", additive_score, 2), {**additive_weights(), **place_weights()}),
    case("localMonotonicOverLocation", local("m", location_score, 2), location_weights()),
    case("localPredictiveOverLocation", local("p", location_score, 2), {**location_weights(), **place_weights()}),
    case("mochaOverScaledDot", chunkwise(3, scaled_dot_score, False), wide_chunk_weights(scaled_weights())),
    case("milkOverGeneral", chunkwise(None, general_score, False), wide_chunk_weights(dict(key=numbers(D, H)))),
    case("multiHeadOfMonotonic", multi_head(monotonic(False), 2), head_weights(2, monotonic_weights)),
]
sampled_cases = [
    sampled_case("likeliest", scaled_dot_score, scaled_weights(), False),
    sampled_case("drawn", scaled_dot_score, scaled_weights(), True),
    sampled_case("drawnOverLocation", location_score, location_weights(), True),
]
result = dict(
    bias=stored(BIAS), cases=cases, selfAttention=self_cases, sampled=sampled_cases, lagging=lagging_case()
)
print(json.dumps(result).replace('{"name"', '\n{"name"'))
