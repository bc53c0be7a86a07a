import '@tensorflow/tfjs-backend-cpu';
import { readFileSync } from 'node:fs';

import * as tf from '@tensorflow/tfjs';
import { beforeAll, describe, expect, test } from 'vitest';

import {
  additive,
  type AttentionMechanism,
  averagePooling,
  concat,
  cosine,
  dot,
  general,
  kernelRegression,
  localMonotonic,
  localPredictive,
  location,
  milk,
  mocha,
  monotonic,
  multiHead,
  network,
  Random,
  sampledAttention,
  scaledDot,
  selfAttention,
} from '../../src/attention/index.ts';
import { weight } from '../../src/cell/cell.ts';
import { tensor2, tensorAt } from '../../src/cell/typed-tensors.ts';
import { averageLagging, scoreFunctionLoss } from '../../src/losses/index.ts';

beforeAll(() => tf.setBackend('cpu'));

type Stored = { readonly shape: number[]; readonly data: number[] };
type Arrays = Readonly<Record<string, Stored>>;
type Golden = {
  readonly bias: Stored;
  readonly cases: readonly {
    readonly name: string;
    readonly weights: Arrays;
    /** `[B, E, D]` */ readonly values: Stored;
    /** `[steps, B, H]` */ readonly queries: Stored;
    /** `[steps, B, D]` */ readonly contexts: Stored;
    /** `[steps, B, E]` */ readonly alignments: Stored;
    readonly gradients: Arrays;
  }[];
  readonly selfAttention: readonly {
    readonly name: 'whole' | 'causal';
    readonly weights: Arrays;
    readonly values: Stored;
    readonly outputs: Stored;
    readonly alignment: Stored;
    readonly gradients: Arrays;
  }[];
  readonly sampled: readonly {
    readonly name: 'likeliest' | 'drawn' | 'drawnOverLocation';
    readonly weights: Arrays;
    readonly values: Stored;
    readonly queries: Stored;
    /** `[steps, B]`: what each choice was drawn by. */ readonly uniform: Stored;
    /** `[B]` */ readonly costs: Stored;
    readonly baseline: number;
    readonly alignments: Stored;
    /** `[steps, B, 1]` */ readonly logProbabilities: Stored;
    /** Of the estimator. */ readonly gradients: Arrays;
  }[];
  readonly lagging: {
    readonly stops: Stored;
    readonly inputLengths: readonly number[];
    readonly outputLengths: readonly number[];
    readonly lagging: number;
    readonly gradient: Stored;
  };
};

const golden: Golden = JSON.parse(readFileSync(new URL('attention/attention.json', import.meta.url), 'utf8'));

const MECHANISMS: Readonly<Record<string, AttentionMechanism>> = {
  averagePooling,
  gaussian: kernelRegression(),
  boxcar: kernelRegression({ kernel: 'boxcar', width: 2 }),
  epanechnikov: kernelRegression({ kernel: 'epanechnikov', width: 2.5 }),
  learnedGaussian: kernelRegression({ width: 'learned' }),
  additive,
  location,
  network,
  dot,
  general,
  concat,
  scaledDot,
  cosine,
  localMonotonic: localMonotonic({ reach: 1 }),
  localPredictive: localPredictive({ reach: 2 }),
  monotonic: monotonic(),
  hardMonotonic: monotonic({ stops: 'hard' }),
  mocha: mocha({ chunk: 2 }),
  hardMocha: mocha({ chunk: 2, stops: 'hard' }),
  milk: milk(),
  hardMilk: milk({ stops: 'hard' }),
  multiHead: multiHead(scaledDot, 2),
  localMonotonicBehind: localMonotonic({ reach: 1, attention: additive, padding: 'behind' }),
  localPredictiveBehind: localPredictive({ reach: 2, attention: additive, padding: 'behind' }),
  localMonotonicOverLocation: localMonotonic({ reach: 2, attention: location }),
  localPredictiveOverLocation: localPredictive({ reach: 2, attention: location }),
  mochaOverScaledDot: mocha({ chunk: 3, attention: scaledDot }),
  milkOverGeneral: milk({ attention: general }),
  multiHeadOfMonotonic: multiHead(monotonic(), 2),
};

function named<T>(all: Readonly<Record<string, T>>, name: string): T {
  const one = all[name];
  if (one === undefined) throw new Error(`Expected ${name} among ${Object.keys(all).join(', ')}`);
  return one;
}

function tensorOf({ shape, data }: Stored): tf.Tensor {
  return tf.tensor(data, shape);
}

function tensorsOf(arrays: Arrays): Record<string, tf.Tensor> {
  return Object.fromEntries(Object.entries(arrays).map(([name, array]) => [name, tensorOf(array)]));
}

function largestGap(own: tf.Tensor, stored: Stored): number {
  expect(own.shape).toEqual(stored.shape);
  return tf.max(tf.abs(tf.sub(own, tensorOf(stored)))).arraySync() as number;
}

/** Each element times the cosine of its index, summed up. */
function mixed(...tensors: tf.Tensor[]): tf.Scalar {
  const parts = tensors.map((tensor) => {
    const coefficients = Float32Array.from({ length: tensor.size }, (_, index) => Math.cos(index));
    return tf.sum(tf.mul(tensor, tf.tensor(coefficients, tensor.shape)));
  });
  return tf.addN(parts) as tf.Scalar;
}

function expectGradients(
  f: (given: Record<string, tf.Tensor>) => tf.Scalar,
  given: Record<string, tf.Tensor>,
  stored: Arrays,
) {
  const names = Object.keys(stored).filter((name) => stored[name]?.data.some((value) => value !== 0)); // else tfjs finds no way
  const gradients = tf.grads((...moved) =>
    f({ ...given, ...Object.fromEntries(moved.map((each, index) => [names[index], each])) }),
  )(names.map((name) => weight(given, name)));
  const gaps = names.map((name, index) => [name, largestGap(tensorAt(gradients, index), named(stored, name))] as const);
  expect(gaps.filter(([, gap]) => !(gap < 5e-6))).toEqual([]);
}

describe('mechanisms agree with float64 sums over entries', () => {
  test.each(golden.cases)('$name', ({ name, weights, values, queries, contexts, alignments, gradients }) => {
    const mechanism = named(MECHANISMS, name);
    const bias = tensorOf(golden.bias) as tf.Tensor2D;
    const attend = (given: Record<string, tf.Tensor>): { contexts: tf.Tensor; alignments: tf.Tensor } => {
      const prepared = mechanism.prepare(given, { values: given['values'] as tf.Tensor3D, bias });
      let state = mechanism.start(prepared);
      const steps = tf.unstack(given['queries'] as tf.Tensor3D).map((query) => {
        const attended = mechanism.attend(given, query as tf.Tensor2D, prepared, state);
        ({ state } = attended);
        return attended;
      });
      return {
        contexts: tf.stack(steps.map(({ context }) => context)),
        alignments: tf.stack(steps.map(({ alignment }) => alignment)),
      };
    };
    const given = { ...tensorsOf(weights), values: tensorOf(values), queries: tensorOf(queries) };
    const own = attend(given);
    expect(largestGap(own.alignments, alignments)).toBeLessThan(1e-6);
    expect(largestGap(own.contexts, contexts)).toBeLessThan(2e-6);
    const loss = (moved: Record<string, tf.Tensor>): tf.Scalar => {
      const attended = attend(moved);
      return mixed(attended.contexts, attended.alignments);
    };
    if (Object.keys(gradients).length > 0) expectGradients(loss, given, gradients);
  });

  test('every mechanism has its numbers', () => {
    expect(golden.cases.map(({ name }) => name)).toEqual(Object.keys(MECHANISMS));
  });
});

test.each(golden.selfAttention)('self-attention, $name, agrees with float64 sums over entries', (stored) => {
  const layer = selfAttention({ heads: 2, causal: stored.name === 'causal' });
  const bias = tensorOf(golden.bias) as tf.Tensor2D;
  const attend = (given: Record<string, tf.Tensor>) =>
    layer.attend(given, { values: given['values'] as tf.Tensor3D, bias });
  const given = { ...tensorsOf(stored.weights), values: tensorOf(stored.values) };
  const { outputs, alignment } = attend(given);
  expect(largestGap(alignment, stored.alignment)).toBeLessThan(1e-6);
  expect(largestGap(outputs, stored.outputs)).toBeLessThan(2e-6);
  const loss = (moved: Record<string, tf.Tensor>): tf.Scalar => {
    const attended = attend(moved);
    return mixed(attended.outputs, attended.alignment);
  };
  expectGradients(loss, given, stored.gradients);
});

/** Gives numbers that are stored in place of random ones. */
class StoredNumbers extends Random {
  readonly #numbers: readonly number[];
  #next = 0;

  constructor(numbers: readonly number[]) {
    super([1, 0, 0, 0]);
    this.#numbers = numbers;
  }

  override uniform(): number {
    return this.#numbers[this.#next++ % this.#numbers.length] ?? Number.NaN;
  }
}

describe('hard attention agrees with float64 sums over entries', () => {
  test.each(golden.sampled)('$name', (stored) => {
    const bias = tensorOf(golden.bias) as tf.Tensor2D;
    const run = (given: Record<string, tf.Tensor>): { alignments: tf.Tensor; logProbabilities: tf.Tensor[] } => {
      const attention = stored.name === 'drawnOverLocation' ? location : scaledDot;
      const random = stored.name === 'likeliest' ? {} : { random: new StoredNumbers(stored.uniform.data) };
      const mechanism = sampledAttention({ attention, ...random });
      const prepared = mechanism.prepare(given, { values: given['values'] as tf.Tensor3D, bias });
      let state = mechanism.start(prepared);
      const steps = tf.unstack(given['queries'] as tf.Tensor3D).map((query) => {
        const attended = mechanism.attend(given, query as tf.Tensor2D, prepared, state);
        ({ state } = attended);
        return attended;
      });
      return {
        alignments: tf.stack(steps.map(({ alignment }) => alignment)),
        logProbabilities: steps.map((step) => tensor2(step.state, 'logProbability')),
      };
    };
    const given = {
      ...tensorsOf(stored.weights),
      values: tensorOf(stored.values),
      queries: tensorOf(stored.queries),
    };
    const { alignments, logProbabilities } = run(given);
    expect(largestGap(alignments, stored.alignments)).toBe(0);
    expect(largestGap(tf.stack(logProbabilities), stored.logProbabilities)).toBeLessThan(2e-6);
    const estimator = (moved: Record<string, tf.Tensor>): tf.Scalar => {
      const sum = tf.squeeze<tf.Tensor1D>(tensorAt(run(moved).logProbabilities, logProbabilities.length - 1), [1]);
      return scoreFunctionLoss(tensorOf(stored.costs) as tf.Tensor1D, sum, stored.baseline);
    };
    expectGradients(estimator, given, stored.gradients);
  });
});

test('average lagging agrees with its equations in float64', () => {
  const { stops, inputLengths, outputLengths, lagging, gradient } = golden.lagging;
  const loss = (given: tf.Tensor): tf.Scalar =>
    averageLagging({ stops: given as tf.Tensor3D, inputLengths, outputLengths });
  expect(loss(tensorOf(stops)).arraySync()).toBeCloseTo(lagging, 5);
  expect(largestGap(tf.grad(loss)(tensorOf(stops)), gradient)).toBeLessThan(1e-6);
});
