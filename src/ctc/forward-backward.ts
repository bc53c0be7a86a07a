/**
 * Connectionist temporal classification of one sequence: the probability of a labelling is the sum over all paths that
 * become it when repeats are merged and blanks dropped, `P = Σ_π Π_t y_t(π_t)`.
 *
 * Reference: Graves, Fernández, Gomez and Schmidhuber, 2006, equations 5 to 16.
 *
 * The recursion multiplies probabilities, and a path of many frames has less of it than a float64 can hold. Rather than
 * logarithms (four transcendental functions a state), numbers carry an exponent of their own: `mantissa * RADIX^exponent`
 * with the mantissa in `RADIX^±0.5`. It is as wide as log space, more exact, and several times faster.
 *
 * T frames, K classes (class 0 is the blank), U labels, S = 2 U + 1 states of the path: blank, label, blank, ...
 */
import { extendWithBlanks } from './states.ts';

const RADIX = 2 ** 512;
const ROOT = 2 ** 256;
const LOG_RADIX = 512 * Math.LN2;
/** A class whose logit lies this far under another's is taken as impossible: what `-Infinity` and masks mean. */
const IMPOSSIBLE = -1e10;

/** Non-negative numbers `mantissa[i] * RADIX^exponent[i]`; zero has exponent `-Infinity`. */
type Wide = { readonly mantissa: Float64Array; readonly exponent: Float64Array };

/**
 * Returns `-log P(labels | softmax(logits))`, and writes its derivative by `logits` to `gradient`; both `[T, K]`.
 *
 * Where no path of T frames fits the labels (U labels need U frames, and one more for each repeat of the label before)
 * the result is `Infinity` and the gradient 0.
 */
export function ctcForwardBackward(
  logits: Float32Array,
  classCount: number,
  labels: ArrayLike<number>,
  gradient: Float32Array,
): number {
  const frameCount = logits.length / classCount;
  const path = extendWithBlanks(labels);
  if (frameCount === 0) return path.length === 1 ? 0 : Number.POSITIVE_INFINITY;
  const logNormalizers = softmaxInto(gradient, logits, classCount);
  const { emissions, logScale } = pathEmissions(logits, classCount, path, logNormalizers);
  const alpha = forward(emissions, path);
  const last = alpha.mantissa.length - 1;
  const total = zeros(1); // P = α_T(S) + α_T(S - 1), equation 8
  sumInto(total, 0, alpha, last, path.length > 1 ? last - 1 : -1, -1);
  const [mantissa, exponent] = [total.mantissa[0]!, total.exponent[0]!];
  if (mantissa === 0) {
    gradient.fill(0);
    return Number.POSITIVE_INFINITY;
  }
  subtractOccupations(gradient, { alpha, emissions, path, mantissa, exponent, classCount });
  return -(Math.log(mantissa) + exponent * LOG_RADIX + logScale);
}

/** Writes the softmax of each frame to `probabilities`; returns the logarithm of each frame's normaliser, `[T]`. */
function softmaxInto(probabilities: Float32Array, logits: Float32Array, classCount: number): Float64Array {
  const logNormalizers = new Float64Array(logits.length / classCount);
  for (let frame = 0; frame < logNormalizers.length; frame++) {
    const start = frame * classCount;
    const end = start + classCount;
    let maximum = -Infinity;
    for (let i = start; i < end; i++) if (logits[i]! > maximum) maximum = logits[i]!;
    let sum = 0;
    for (let i = start; i < end; i++) {
      const exponential = Math.exp(logits[i]! - maximum);
      probabilities[i] = exponential;
      sum += exponential;
    }
    for (let i = start; i < end; i++) probabilities[i]! /= sum;
    logNormalizers[frame] = maximum + Math.log(sum);
  }
  return logNormalizers;
}

/**
 * Probability of each state's class at each frame, `[T, S]`, in units of the frame's likeliest class on the path;
 * `logScale` is the logarithm of the product of those units.
 */
function pathEmissions(
  logits: Float32Array,
  classCount: number,
  path: Int32Array,
  logNormalizers: Float64Array,
): { readonly emissions: Wide; readonly logScale: number } {
  const states = path.length;
  const emissions = zeros(logNormalizers.length * states);
  let logScale = 0;
  for (let frame = 0; frame < logNormalizers.length; frame++) {
    const classes = frame * classCount;
    const start = frame * states;
    let maximum = -Infinity;
    for (let state = 0; state < states; state++) maximum = Math.max(maximum, logits[classes + path[state]!]!);
    logScale += maximum - logNormalizers[frame]!;
    for (let state = 0; state < states; state++) {
      if (state >= 2 && path[state] === 0) {
        emissions.mantissa[start + state] = emissions.mantissa[start]!;
        emissions.exponent[start + state] = emissions.exponent[start]!;
      } else {
        exponentialInto(emissions, start + state, logits[classes + path[state]!]! - maximum);
      }
    }
  }
  return { emissions, logScale };
}

/** `α_t(s)`, `[T, S]`: the probability of the first t frames' paths that end in state s (equations 5 to 7). */
function forward(emissions: Wide, path: Int32Array): Wide {
  const states = path.length;
  const alpha = zeros(emissions.mantissa.length);
  for (let state = 0; state < Math.min(2, states); state++) {
    alpha.mantissa[state] = emissions.mantissa[state]!;
    alpha.exponent[state] = emissions.exponent[state]!;
  }
  for (let i = states; i < alpha.mantissa.length; i++) {
    const state = i % states;
    const stay = i - states;
    sumInto(alpha, i, alpha, stay, state >= 1 ? stay - 1 : -1, mayEnterBySkip(path, state) ? stay - 2 : -1);
    multiplyInto(alpha, i, alpha, i, emissions, i);
  }
  return alpha;
}

type Trellis = {
  /** `[T, S]` */ readonly alpha: Wide;
  /** `[T, S]` */ readonly emissions: Wide;
  /** `[S]` */ readonly path: Int32Array;
  /** Mantissa of P, in the units of `emissions`. */ readonly mantissa: number;
  readonly exponent: number;
  readonly classCount: number;
};

/**
 * Takes the probability of being in each state off `gradient`, which holds the softmax: what stays is the derivative of
 * the loss by the logits (equation 16). `β_t(s)`, the probability of the frames after t given state s at t (equations 9
 * to 11), is needed for one frame at a time only.
 */
function subtractOccupations(gradient: Float32Array, trellis: Trellis): void {
  const { alpha, emissions, path, mantissa, exponent, classCount } = trellis;
  const states = path.length;
  const frameCount = emissions.mantissa.length / states;
  const beta = zeros(states);
  const onward = zeros(states); // β of the next frame times its emission
  for (let state = Math.max(0, states - 2); state < states; state++) exponentialInto(beta, state, 0);
  for (let frame = frameCount - 1; frame >= 0; frame--) {
    for (let state = 0; state < states; state++) {
      const i = frame * states + state;
      if (frame < frameCount - 1) {
        const step = state + 1 < states ? state + 1 : -1;
        sumInto(beta, state, onward, state, step, mayEnterBySkip(path, state + 2) ? state + 2 : -1);
      }
      const occupation =
        ((alpha.mantissa[i]! * beta.mantissa[state]!) / mantissa) *
        power(alpha.exponent[i]! + beta.exponent[state]! - exponent);
      gradient[frame * classCount + path[state]!]! -= occupation;
    }
    for (let state = 0; state < states; state++)
      multiplyInto(onward, state, beta, state, emissions, frame * states + state);
  }
}

/** Whether a path may enter `state` from two states before: a label that differs from the label before. */
function mayEnterBySkip(path: Int32Array, state: number): boolean {
  return state >= 2 && state < path.length && path[state] !== 0 && path[state] !== path[state - 2];
}

function zeros(length: number): Wide {
  return { mantissa: new Float64Array(length), exponent: new Float64Array(length).fill(-Infinity) };
}

/** `target[i] = exp(x)` for x up to 0. */
function exponentialInto(target: Wide, i: number, x: number): void {
  const exponent = x < IMPOSSIBLE ? -Infinity : Math.round(x / LOG_RADIX);
  target.mantissa[i] = exponent === -Infinity ? 0 : Math.exp(x - exponent * LOG_RADIX);
  target.exponent[i] = exponent;
}

/** `target[i] = source[a] + source[b] + source[c]`, where -1 stands for no term. */
function sumInto(target: Wide, i: number, source: Wide, a: number, b: number, c: number): void {
  const { mantissa, exponent } = source;
  const exponentA = exponent[a]!;
  const exponentB = b < 0 ? -Infinity : exponent[b]!;
  const exponentC = c < 0 ? -Infinity : exponent[c]!;
  const largest = Math.max(exponentA, exponentB, exponentC);
  let sum = 0;
  if (largest !== -Infinity) {
    sum = mantissa[a]! * power(exponentA - largest);
    if (b >= 0) sum += mantissa[b]! * power(exponentB - largest);
    if (c >= 0) sum += mantissa[c]! * power(exponentC - largest);
  }
  target.mantissa[i] = sum;
  target.exponent[i] = largest;
}

/** `target[i] = left[a] * right[b]` */
function multiplyInto(target: Wide, i: number, left: Wide, a: number, right: Wide, b: number): void {
  let mantissa = left.mantissa[a]! * right.mantissa[b]!;
  let exponent = left.exponent[a]! + right.exponent[b]!;
  if (mantissa > ROOT) {
    mantissa /= RADIX;
    exponent += 1;
  } else if (mantissa < 1 / ROOT && mantissa > 0) {
    mantissa *= RADIX;
    exponent -= 1;
  }
  target.mantissa[i] = mantissa;
  target.exponent[i] = exponent;
}

/** `RADIX^exponent` where a mantissa times it can matter beside another mantissa, else 0. */
function power(exponent: number): number {
  if (exponent === 0) return 1;
  if (exponent === -1) return 1 / RADIX;
  return exponent === 1 ? RADIX : 0;
}
