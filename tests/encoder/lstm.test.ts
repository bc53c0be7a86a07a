import * as tf from '@tensorflow/tfjs';
import { describe, expect, test } from 'vitest';

import { type LstmInputs, lstmSequence, unrolledLstm } from '../../src/encoder/lstm.ts';
import { lstmByProducts } from '../../src/encoder/lstm-by-products.ts';
import { loadBackend } from '../../src/backend/backends.ts';
import { normalArray, Random } from '../../src/tensor/random.ts';

const [T, B, D, H] = [5, 3, 4, 6];
const sigmoid = (x: number): number => 1 / (1 + Math.exp(-x));

function inputs(seed: number): LstmInputs {
  const random = Random.seeded(seed);
  const tensor = (...shape: number[]): tf.Tensor => tf.tensor(normalArray(random, shape, 0.7).data, shape);
  return {
    inputs: tensor(T, B, D) as tf.Tensor3D,
    kernel: tensor(D + H, 4 * H) as tf.Tensor2D,
    bias: tensor(4 * H) as tf.Tensor1D,
    hidden: tensor(B, H) as tf.Tensor2D,
    cell: tensor(B, H) as tf.Tensor2D,
  };
}

/** The equations of `lstm.ts` as loops. */
async function byLoops(given: LstmInputs): Promise<{ outputs: number[][][]; cell: number[][] }> {
  const x = await given.inputs.array();
  const w = await given.kernel.array();
  const b = await given.bias.array();
  const h = await given.hidden.array();
  const c = await given.cell.array();
  const outputs = x.map((step) =>
    step.map((vector, row) => {
      const joined = [...vector, ...(h[row] ?? [])];
      const gate = (index: number): number =>
        joined.reduce((sum, value, input) => sum + value * (w[input]?.[index] ?? 0), b[index] ?? 0);
      const cells = (c[row] ?? []).map(
        (old, unit) => sigmoid(gate(2 * H + unit)) * old + sigmoid(gate(unit)) * Math.tanh(gate(H + unit)),
      );
      const hidden = cells.map((cell, unit) => sigmoid(gate(3 * H + unit)) * Math.tanh(cell));
      c[row] = cells;
      h[row] = hidden;
      return hidden;
    }),
  );
  return { outputs, cell: c };
}

function lossOf(run: typeof lstmSequence): (...given: tf.Tensor[]) => tf.Scalar {
  return (x, kernel, bias, hidden, cell) => {
    // In the order of `argumentsOf`.
    const out = run({ inputs: x, kernel, bias, hidden, cell } as LstmInputs);
    return tf.addN<tf.Scalar>([tf.sum(tf.square(out.outputs)), tf.sum(out.cell), tf.sum(tf.square(out.hidden))]);
  };
}

function argumentsOf({ inputs: x, kernel, bias, hidden, cell }: LstmInputs): tf.Tensor[] {
  return [x, kernel, bias, hidden, cell];
}

describe('lstmSequence', () => {
  test('equals the equations written as loops', async () => {
    await tf.setBackend('cpu');
    const given = inputs(1);
    const expected = await byLoops(given);
    const got = lstmSequence(given);
    const outputs = await got.outputs.array();
    expect(
      Math.max(...outputs.flat(2).map((value, index) => Math.abs(value - (expected.outputs.flat(2)[index] ?? 9)))),
    ).toBeLessThan(1e-6);
    const cell = await got.cell.array();
    expect(
      Math.max(...cell.flat().map((value, index) => Math.abs(value - (expected.cell.flat()[index] ?? 9)))),
    ).toBeLessThan(1e-6);
    expect(await got.hidden.array()).toEqual(outputs.at(-1));
  });

  test('gives the same when a sequence is run in two parts', async () => {
    await tf.setBackend('cpu');
    const given = inputs(2);
    const whole = lstmSequence(given);
    const first = lstmSequence({ ...given, inputs: tf.slice(given.inputs, [0, 0, 0], [2, B, D]) });
    const second = lstmSequence({ ...given, ...first, inputs: tf.slice(given.inputs, [2, 0, 0], [T - 2, B, D]) });
    expect(await tf.concat([first.outputs, second.outputs]).array()).toEqual(await whole.outputs.array());
    expect(await second.cell.array()).toEqual(await whole.cell.array());
  });

  test('leaks no tensor', async () => {
    await tf.setBackend('cpu');
    const given = inputs(3);
    const before = tf.memory().numTensors;
    const out = lstmSequence(given);
    tf.dispose([out.outputs, out.hidden, out.cell]);
    expect(tf.memory().numTensors).toBe(before);
  });

  test('names the argument that does not fit', () => {
    const given = inputs(4);
    expect(() => lstmSequence({ ...given, kernel: tf.zeros([D + H, 3]) })).toThrow(
      /`kernel` of shape \[10, 24\], got \[10, 3\]/,
    );
  });

  test('has gradients that match finite differences', async () => {
    await tf.setBackend('cpu');
    const given = argumentsOf(inputs(5));
    const loss = lossOf(lstmSequence);
    const gradients = tf.grads(loss)(given);
    for (const [index, argument] of given.entries()) {
      const values = await argument.data<'float32'>();
      const gradient = await gradients[index]!.data<'float32'>();
      for (const at of [0, values.length - 1]) {
        const shifted = async (by: number): Promise<number> => {
          const moved = values.slice();
          moved[at] = (moved[at] ?? 0) + by;
          const changed = given.map((other, position) => (position === index ? tf.tensor(moved, other.shape) : other));
          return (await loss(...changed).data())[0] ?? Number.NaN;
        };
        const difference = ((await shifted(1e-2)) - (await shifted(-1e-2))) / 2e-2;
        expect(Math.abs(difference - (gradient[at] ?? 9))).toBeLessThan(5e-3 * Math.max(1, Math.abs(difference)));
      }
    }
  });
});

/** Values and all five gradients of `run` beside those of the unrolled form. */
async function expectSameGradients(run: typeof lstmSequence, of: LstmInputs): Promise<void> {
  const given = argumentsOf(of);
  const fast = tf.valueAndGrads(lossOf(run))(given);
  const unrolled = tf.valueAndGrads(lossOf(unrolledLstm))(given);
  const worst = async (a: tf.Tensor, b: tf.Tensor): Promise<number> =>
    (await tf.max(tf.abs(tf.sub(a, b))).data())[0] ?? 9;
  expect(await worst(fast.value, unrolled.value)).toBeLessThan(1e-5);
  expect(fast.grads).toHaveLength(5);
  for (const [index, gradient] of fast.grads.entries()) {
    expect(await worst(gradient, unrolled.grads[index]!)).toBeLessThan(1e-4);
  }
}

const native = await loadBackend('tensorflow').then(
  () => true,
  () => false,
);

describe.skipIf(!native)('the native forms (need `npm run setup:native`)', () => {
  test('equals the unrolled form, outputs and all five gradients', async () => {
    await tf.setBackend('tensorflow');
    await expectSameGradients(lstmSequence, inputs(6));
  });

  test('matrix products equal the unrolled form, outputs and all five gradients', async () => {
    await tf.setBackend('tensorflow');
    await expectSameGradients(lstmByProducts, inputs(7));
    await expectSameGradients(lstmByProducts, { ...inputs(8), inputs: tf.randomNormal([1, B, D], 0, 1, 'float32', 8) });
  });

  test('leaves no tensor behind by matrix products, of tfjs or below it', async () => {
    await tf.setBackend('tensorflow');
    const backend = tf.backend() as unknown as { binding: { getNumOfTensors(): number } }; // tfjs-node's
    const count = (): number[] => [tf.memory().numTensors, backend.binding.getNumOfTensors()];
    const given = argumentsOf(inputs(9));
    const step = (): void => {
      const { value, grads } = tf.tidy(() => tf.valueAndGrads(lossOf(lstmByProducts))(given));
      tf.dispose([value, grads]);
    };
    step();
    const before = count();
    step();
    expect(count()).toEqual(before);
  });
});
