import '@tensorflow/tfjs-backend-cpu';
import * as tf from '@tensorflow/tfjs';
import { beforeAll, describe, expect, test } from 'vitest';

import {
  type DecodeOutputs,
  decoderKeyDepth,
  decodeStart,
  decodeStep,
  decoderStates,
  initDecoder,
  prepareDecoderMemory,
} from '../../src/decoder/decoder.ts';
import { unrollDecoder } from '../../src/decoder/unroll.ts';
import { Random } from '../../src/tensor/random.ts';
import { gradientErrors, mixed, randomTensor } from '../attention/finite-differences.ts';
import {
  BATCH,
  DEPTH,
  type DecoderExample,
  decoderExample,
  ENTRIES,
  FINAL,
  gap,
  KINDS,
  LABELS,
  RECURRENCES,
} from './example.ts';

beforeAll(() => tf.setBackend('cpu'));

function stateBefore({ config, weights, final }: DecoderExample, batch: number): Record<string, tf.Tensor> {
  const sizes: Record<string, number> = { B: batch, E: ENTRIES };
  const states = Object.entries(decoderStates(config)).map(([name, { shape }]) => [
    name,
    tf.zeros(shape.map((axis) => (typeof axis === 'number' ? axis : (sizes[axis] ?? 0)))),
  ]);
  return { ...Object.fromEntries(states), ...(final && decodeStart(weights, config, final)) } as Record<
    string,
    tf.Tensor
  >;
}

/** Decodes `tokens[u][b]` a step at a time. */
function decode(example: DecoderExample, tokens: readonly number[][]): DecodeOutputs[] {
  const { weights, config, entries, bias } = example;
  const keys = prepareDecoderMemory(weights, config, entries);
  const steps: DecodeOutputs[] = [];
  for (const row of tokens) {
    const state = steps.at(-1)?.state ?? stateBefore(example, entries.shape[0]);
    steps.push(decodeStep(weights, config, { token: tf.tensor1d(row, 'int32'), keys, values: entries, bias, state }));
  }
  return steps;
}

/** One row of the example as an example of its own. */
function rowOf(example: DecoderExample, row: number): DecoderExample {
  return {
    ...example,
    entries: tf.slice(example.entries, [row, 0, 0], [1, ENTRIES, DEPTH]),
    bias: tf.slice(example.bias, [row, 0], [1, ENTRIES]),
    final: example.final && tf.slice(example.final, [row, 0], [1, FINAL]),
  };
}

const ALL = [
  ...KINDS,
  ...RECURRENCES.filter(
    ({ cell, firstState, inputFeeding }) => cell === 'lstm' || firstState === 'encoder' || inputFeeding === false,
  ),
];
const named = ALL.map(
  (kind) =>
    ({ cell: 'gru', firstState: 'zeros', feeding: kind.inputFeeding === false ? 'unfed' : 'fed', ...kind }) as const,
);

describe.each(named)('the $order decoder with $score attention, $cell, first state $firstState, $feeding', (kind) => {
  test('decodes a step at a time what it learns unrolled', () => {
    const example = decoderExample(kind);
    const unrolled = unrollDecoder(example.weights, example.config, example);
    const steps = decode(example, [
      [0, 0],
      [3, 2],
      [1, 0],
      [1, 0],
    ]);
    const logProbabilities = tf.stack(
      steps.map((step) => step.logProbabilities),
      1,
    );
    expect(gap(logProbabilities, tf.logSoftmax(unrolled.logits))).toBeLessThan(1e-5);
    expect(
      gap(
        tf.stack(
          steps.map((step) => step.alignment),
          1,
        ),
        unrolled.alignment,
      ),
    ).toBeLessThan(1e-6);
  });

  test('keeps interleaved decodes apart', () => {
    const example = decoderExample(kind);
    const [first, second] = [rowOf(example, 0), rowOf(example, 1)];
    const alone = [decode(first, [[0], [2], [1]]), decode(second, [[0], [3], [3]])];
    const { weights, config } = example;
    const keys = [first, second].map(({ entries }) => prepareDecoderMemory(weights, config, entries));
    const states = [stateBefore(first, 1), stateBefore(second, 1)];
    const tokens = [
      [0, 2, 1],
      [0, 3, 3],
    ];
    for (let step = 0; step < 3; step++) {
      for (const [index, row] of [first, second].entries()) {
        const token = tf.tensor1d([tokens[index]?.[step] ?? 0], 'int32');
        const outputs = decodeStep(weights, config, {
          token,
          keys: keys[index]!,
          values: row.entries,
          bias: row.bias,
          state: states[index] ?? {},
        });
        expect(outputs.logProbabilities.arraySync()).toEqual(alone[index]?.[step]?.logProbabilities.arraySync());
        states[index] = outputs.state;
      }
    }
  });

  test('gives a row of a batch what the row alone gives', () => {
    const example = decoderExample(kind);
    const together = decode(example, [
      [0, 0],
      [1, 3],
    ]);
    for (let row = 0; row < BATCH; row++) {
      const alone = decode(rowOf(example, row), [[0], [row === 0 ? 1 : 3]]);
      for (const [index, step] of together.entries()) {
        const own = tf.slice(step.logProbabilities, [row, 0], [1, LABELS + 1]);
        expect(gap(own, alone[index]?.logProbabilities as tf.Tensor)).toBeLessThan(1e-5);
      }
    }
  });

  test('sees nothing of a hidden entry', () => {
    const example = decoderExample(kind);
    const loud = tf.mul(randomTensor(7, BATCH, ENTRIES, DEPTH), tf.less(example.bias, 0).expandDims(2));
    const changed = { ...example, entries: tf.add<tf.Tensor3D>(example.entries, loud) };
    const tokens = [
      [0, 0],
      [2, 2],
    ];
    const [before, after] = [decode(example, tokens), decode(changed, tokens)];
    for (const [index, step] of before.entries()) {
      expect(gap(step.logProbabilities, after[index]?.logProbabilities as tf.Tensor)).toBe(0);
    }
  });

  test('has the gradient that finite differences give, through several steps', () => {
    const { config, weights, ...example } = decoderExample(kind);
    const { final } = example;
    const loss = ({ entries, final: start, ...moved }: Record<string, tf.Tensor>): tf.Scalar => {
      const inputs = { ...example, entries: entries as tf.Tensor3D, final: start as tf.Tensor2D | undefined };
      const { logits, alignment } = unrollDecoder(moved, config, inputs);
      return mixed(logits, alignment);
    };
    const errors = gradientErrors(loss, { ...weights, entries: example.entries, ...(final && { final }) });
    const wrong = Object.entries(errors).filter(([, error]) => error > 1e-3);
    expect(wrong).toEqual([]);
  });

  test('leaks no tensor, a step at a time or unrolled', () => {
    const example = decoderExample(kind);
    const { weights, config, entries, bias } = example;
    const state = stateBefore(example, BATCH);
    const token = tf.tensor1d([0, 1], 'int32');
    const before = tf.memory().numTensors;
    const keys = prepareDecoderMemory(weights, config, entries);
    tf.dispose([decodeStep(weights, config, { token, keys, values: entries, bias, state }), keys]);
    tf.dispose(unrollDecoder(weights, config, { ...example, scheduledSampling: 0.5, random: Random.seeded(1) }));
    expect(tf.memory().numTensors).toBe(before);
  });

  test('states the shapes of its states and keys', () => {
    const example = decoderExample(kind);
    const [step] = decode(example, [[0, 0]]);
    expect(Object.keys(step?.state ?? {})).toEqual(Object.keys(decoderStates(example.config)));
    const state = stateBefore(example, BATCH);
    for (const [name, tensor] of Object.entries(step?.state ?? {})) expect(tensor.shape).toEqual(state[name]?.shape);
    const keys = prepareDecoderMemory(example.weights, example.config, example.entries);
    expect(keys.shape).toEqual([BATCH, ENTRIES, decoderKeyDepth(example.config, DEPTH)]);
  });
});

describe('the decoder', () => {
  const example = decoderExample({ order: 'bahdanau', score: 'location' });

  test('names the offending argument', () => {
    const { weights, config, entries, bias } = example;
    const keys = prepareDecoderMemory(weights, config, entries);
    const token = tf.tensor1d([0, 0], 'int32');
    const inputs = { token, keys, values: entries, bias, state: stateBefore(example, BATCH) };
    expect(() => decodeStep(weights, config, { ...inputs, token: tf.tensor1d([0], 'int32') })).toThrow(
      'Expected `token` of shape [2], got [1]',
    );
    expect(() => decodeStep(weights, config, { ...inputs, keys: tf.zeros([2, 4, 5]) })).toThrow(
      'Expected `keys` of shape [2, 5, *], got [2, 4, 5]',
    );
    expect(() => decodeStep(weights, config, { ...inputs, bias: tf.zeros([2, 4]) })).toThrow(
      'Expected `bias` of shape [2, 5], got [2, 4]',
    );
    expect(() => decodeStep(weights, config, { ...inputs, state: {} })).toThrow(
      'Expected a tensor `state.hidden`, got none',
    );
  });

  test('starts where the encoder ended: with another last state it says something else', () => {
    const { weights, config, final, ...inputs } = decoderExample({
      order: 'luong',
      score: 'general',
      cell: 'lstm',
      firstState: 'encoder',
    });
    const [own, other] = [final, tf.mul<tf.Tensor2D>(final!, -1)].map(
      (last) => unrollDecoder(weights, config, { ...inputs, final: last }).logits,
    );
    expect(gap(own!, other!)).toBeGreaterThan(1e-3);
    expect(Object.keys(decodeStart(weights, config, final!))).toEqual(['state.hidden', 'state.cell']);
    expect(decodeStart(weights, { ...config, firstState: 'zeros' }, final!)).toEqual({});
    expect(() => unrollDecoder(weights, config, inputs)).toThrow(
      'Expected `final`, the encoder’s last state, got none',
    );
    expect(() => decodeStart(weights, config, tf.zeros([2, 9]))).toThrow(
      'Expected `final` of shape [*, 3], got [2, 9]',
    );
    expect(() => initDecoder(config, { depth: DEPTH, labelCount: LABELS }, Random.seeded(3))).toThrow(
      'Expected `finalDepth`, the depth of the encoder’s last state that the decoder starts from, got none',
    );
  });

  test("knows nothing of its last attentional vector where Luong's order feeds none", () => {
    const kind = { order: 'luong', score: 'general', inputFeeding: false } as const;
    const { weights, config } = decoderExample(kind);
    expect(Object.keys(decoderStates(config))).toEqual(['state.hidden']);
    expect(Object.keys(weights)).not.toContain('decoder.gru.attentional');
    expect(Object.keys(weights)).toContain('decoder.attentional.kernel');
  });

  test('starts from weights that do not depend on the machine, and from no score for anything', () => {
    const weights = initDecoder(example.config, { depth: DEPTH, labelCount: LABELS }, Random.seeded(3));
    expect(weights).toEqual(initDecoder(example.config, { depth: DEPTH, labelCount: LABELS }, Random.seeded(3)));
    expect(weights['decoder.output.bias']?.data).toEqual(new Float32Array(LABELS + 1));
    expect(Object.keys(weights).every((name) => name.startsWith('decoder.'))).toBe(true);
  });
});
