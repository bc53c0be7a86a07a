/**
 * AdamW with gradient clipping and averaged weights, on the host: a few milliseconds a step for a million weights, the
 * same numbers on every backend, and a state that is plain data, so that a stopped run goes on exactly.
 *
 * References: Loshchilov and Hutter, 2019, algorithm 2; Pascanu, Mikolov and Bengio, 2013 (clipping by global norm);
 * Polyak and Juditsky, 1992 (averaging).
 */
import { HearkenError } from '../errors.ts';
import type { HostArray, HostArrays } from '../tensor/host-array.ts';

export type OptimizerOptions = {
  /** Decay of the first moment, 0 to below 1. */ readonly beta1?: number;
  /** Decay of the second moment, 0 to below 1. */ readonly beta2?: number;
  /** Weight decay, applied to arrays of two axes or more, times the learning rate. */ readonly weightDecay?: number;
  /** Largest global gradient norm; above it all gradients shrink together. */ readonly clipNorm?: number;
  /** Decay of the averaged weights a step, 0 to below 1. */ readonly averageDecay?: number;
};

export type OptimizerState = {
  /** Number of updates so far. */ readonly step: number;
  readonly weights: HostArrays;
  /** First moments, shaped like the weights. */ readonly first: HostArrays;
  /** Second moments, shaped like the weights. */ readonly second: HostArrays;
  /** Exponential average of the weights: what is evaluated and shipped. */ readonly average: HostArrays;
};

const EPSILON = 1e-8;

export function initOptimizer(weights: HostArrays): OptimizerState {
  return {
    step: 0,
    weights: mapArrays(weights, (array) => array.data.slice()),
    first: mapArrays(weights, (array) => new Float32Array(array.data.length)),
    second: mapArrays(weights, (array) => new Float32Array(array.data.length)),
    average: mapArrays(weights, (array) => array.data.slice()),
  };
}

/**
 * One update in place of `state`'s arrays; gives the state with its step counted and the gradients' norm before clipping.
 * Throws `training/gradient` where a gradient is missing or not finite: such a step would poison every weight.
 */
export function updateWeights(
  state: OptimizerState,
  gradients: HostArrays,
  learningRate: number,
  { beta1 = 0.9, beta2 = 0.98, weightDecay = 1e-4, clipNorm = 2, averageDecay = 0.995 }: OptimizerOptions = {},
): { state: OptimizerState; norm: number } {
  const norm = globalNorm(gradients);
  if (!Number.isFinite(norm))
    throw new HearkenError('training/gradient', `Expected finite gradients, got norm ${norm}`);
  const step = state.step + 1;
  const scale = norm > clipNorm ? clipNorm / norm : 1;
  // Early averages would remember the first weights: warm up as (1 + n) / (10 + n).
  const decay = Math.min(averageDecay, (1 + step) / (10 + step));
  const rates = {
    learningRate,
    beta1,
    beta2,
    scale,
    decay,
    rate1: 1 / (1 - beta1 ** step),
    rate2: 1 / (1 - beta2 ** step),
  };
  for (const [name, { data, shape }] of Object.entries(state.weights)) {
    const of = (arrays: HostArrays): Float32Array => arrayOf(arrays, name, data.length);
    const arrays = [of(state.weights), of(gradients), of(state.first), of(state.second), of(state.average)] as const;
    updateArray(arrays, { ...rates, shrink: shape.length > 1 ? learningRate * weightDecay : 0 });
  }
  return { state: { ...state, step }, norm };
}

type Rates = Readonly<
  Record<'learningRate' | 'beta1' | 'beta2' | 'scale' | 'decay' | 'rate1' | 'rate2' | 'shrink', number>
>;

/** Algorithm 2 for one array: weights, gradient, first and second moments, average. Every index is in range of all five. */
function updateArray(
  [w, g, m, v, a]: readonly [Float32Array, Float32Array, Float32Array, Float32Array, Float32Array],
  { learningRate, beta1, beta2, scale, decay, rate1, rate2, shrink }: Rates,
): void {
  for (let i = 0; i < w.length; i++) {
    const gradient = g[i]! * scale;
    const first = beta1 * m[i]! + (1 - beta1) * gradient;
    const second = beta2 * v[i]! + (1 - beta2) * gradient * gradient;
    const old = w[i]!;
    const updated = old - (learningRate * first * rate1) / (Math.sqrt(second * rate2) + EPSILON) - shrink * old;
    m[i] = first;
    v[i] = second;
    w[i] = updated;
    a[i] = decay * a[i]! + (1 - decay) * updated;
  }
}

/** Linear warm-up over `warmup` steps to `peak`, then a cosine down to `floor * peak` at `steps`. */
export function warmupCosine(
  step: number,
  { peak, warmup, steps, floor = 0.02 }: { peak: number; warmup: number; steps: number; floor?: number },
): number {
  if (step < warmup) return (peak * (step + 1)) / warmup;
  const progress = Math.min(1, (step - warmup) / Math.max(1, steps - warmup));
  return peak * (floor + (1 - floor) * 0.5 * (1 + Math.cos(Math.PI * progress)));
}

function globalNorm(gradients: HostArrays): number {
  // In one order, whether a run has just begun or was read from a file, which has its tensors in an order of its own.
  const names = Object.keys(gradients).toSorted();
  return Math.sqrt(names.reduce((sum, name) => sum + squaredNorm(gradients[name]!.data as Float32Array), 0));
}

function squaredNorm(data: Float32Array): number {
  let sum = 0;
  for (let i = 0; i < data.length; i++) sum += data[i]! * data[i]!;
  return sum;
}

function arrayOf(arrays: HostArrays, name: string, length: number): Float32Array {
  const data = arrays[name]?.data;
  if (data?.length !== length || !(data instanceof Float32Array)) {
    throw new HearkenError(
      'training/gradient',
      `Expected ${length} numbers for \`${name}\`, got ${data?.length ?? 'none'}`,
    );
  }
  return data;
}

function mapArrays(arrays: HostArrays, of: (array: HostArray) => Float32Array | Int32Array): HostArrays {
  return Object.fromEntries(
    Object.entries(arrays).map(([name, array]) => [name, { shape: array.shape, data: of(array) }]),
  );
}
