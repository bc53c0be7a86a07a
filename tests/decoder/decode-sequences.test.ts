/** Beam search over a decoder's cells for many sequences at once. */
import '@tensorflow/tfjs-backend-cpu';
import * as tf from '@tensorflow/tfjs';
import * as fc from 'fast-check';
import { beforeAll, expect, test } from 'vitest';

import type { Executor } from '../../src/cell/executor.ts';
import { createTfjsExecutor } from '../../src/cell/tfjs-executor.ts';
import type { DecoderConfig } from '../../src/decoder/config.ts';
import { decodeSequences, type SequenceToDecode } from '../../src/decoder/decode-sequences.ts';
import { initDecoder } from '../../src/decoder/decoder.ts';
import { decodeGreedily } from '../../src/decoder/greedy.ts';
import { unrollDecoder } from '../../src/decoder/unroll.ts';
import { decoderCells } from '../../src/model/decoder-cells.ts';
import { normalArray, Random } from '../../src/tensor/random.ts';
import { tensorsOf } from '../../src/tensor/tensors-of.ts';
import { RECURRENT } from './example.ts';
import { sequencesUpTo } from './toy-decoder.ts';

beforeAll(() => tf.setBackend('cpu'));

const [DEPTH, LABELS] = [4, 2];
const SEARCH = { labelCount: LABELS, beamSize: 3, nBest: 3, lengthExponent: 0.6 };

const kinds = fc.record({
  order: fc.constantFrom('bahdanau' as const, 'luong' as const),
  cell: fc.constantFrom('gru' as const, 'lstm' as const),
  attention: fc.constantFrom<DecoderConfig['attention']>(
    { kind: 'global', score: 'location' },
    { kind: 'global', score: 'general' },
    { kind: 'mocha', score: 'additive', chunk: 2 },
  ),
  firstState: fc.constantFrom('zeros' as const, 'encoder' as const),
  seed: fc.nat(),
});

type Kind = typeof kinds extends fc.Arbitrary<infer Value> ? Value : never;

/** A small decoder of random weights, which is by no means sure of anything. */
function decoderOf({ seed, ...kind }: Kind): {
  config: DecoderConfig;
  executor: Executor;
  weights: Record<string, tf.Tensor>;
} {
  const config: DecoderConfig = { ...RECURRENT, ...kind, units: 5, attentionUnits: 3, embedding: 3, dropout: 0 };
  const first = initDecoder(config, { depth: DEPTH, labelCount: LABELS, finalDepth: 3 }, Random.seeded(seed));
  const arrays = { ...first, 'decoder.output.bias': { shape: [3], data: Float32Array.of(-0.5, 0, 0) } };
  const executor = createTfjsExecutor(decoderCells(config, DEPTH, LABELS), arrays);
  return { config, weights: tensorsOf(arrays), executor };
}

function sequenceOf(config: DecoderConfig, entryCount: number, seed: number): SequenceToDecode {
  const random = Random.seeded(seed);
  const rows = (size: number): Float32Array => normalArray(random, [size], 1).data as Float32Array;
  const start = { 'state.hidden': rows(5), ...(config.cell === 'lstm' ? { 'state.cell': rows(5) } : {}) };
  return {
    entries: rows(entryCount * DEPTH),
    bias: new Float32Array(entryCount),
    maximumLength: 3,
    ...(config.firstState === 'encoder' ? { start } : {}),
  };
}

function fulfilled<T>(result: PromiseSettledResult<T> | undefined): T {
  if (result?.status !== 'fulfilled') throw new Error('was not decoded', { cause: result?.reason });
  return result.value;
}

test('a batch of sequences gives what each of them gives alone', async () => {
  await fc.assert(
    fc.asyncProperty(
      kinds,
      fc.array(fc.integer({ min: 1, max: 6 }), { minLength: 1, maxLength: 4 }),
      async (kind, counts) => {
        const { config, executor } = decoderOf(kind);
        const sequences = counts.map((count, index) => sequenceOf(config, count, kind.seed + index));
        const together = await decodeSequences(executor, sequences, SEARCH);
        for (const [index, sequence] of sequences.entries()) {
          const [alone] = await decodeSequences(executor, [sequence], SEARCH);
          const [own, batched] = [fulfilled(alone), fulfilled(together[index])];
          expect(batched.map(({ labels }) => labels)).toEqual(own.map(({ labels }) => labels));
          for (const [rank, { score, alignment }] of own.entries()) {
            expect(batched[rank]?.score).toBeCloseTo(score, 4);
            expect(batched[rank]?.alignment.map((row) => row.length)).toEqual(alignment.map(() => counts[index]));
            const gaps = alignment.flatMap((row, step) =>
              Array.from(row, (share, entry) => Math.abs(share - (batched[rank]?.alignment[step]?.[entry] ?? 1))),
            );
            expect(Math.max(0, ...gaps)).toBeLessThan(1e-4);
          }
        }
      },
    ),
    { numRuns: 15 },
  );
});

test('a beam as wide as there are prefixes finds the best of all that can be written', async () => {
  await fc.assert(
    fc.asyncProperty(kinds, fc.constantFrom(0, 1), async (kind, lengthExponent) => {
      const { config, weights, executor } = decoderOf({
        ...kind,
        firstState: 'zeros',
        attention: { kind: 'global', score: 'general' },
      });
      const sequence = sequenceOf(config, 3, kind.seed);
      const search = { ...SEARCH, beamSize: 60, nBest: 60, lengthExponent };
      const [result] = await decodeSequences(executor, [sequence], search);
      const all = sequencesUpTo(3, [1, 2]);
      const entries = tf.tensor3d(sequence.entries, [1, 3, DEPTH]);
      const bias = tf.zeros<tf.Rank.R2>([1, 3]);
      const scores = all.map((labels) => {
        const targets = tf.tensor2d([labels], [1, labels.length], 'int32');
        const { logits } = unrollDecoder(weights, config, { entries, bias, targets });
        const rows = tf.logSoftmax(logits).arraySync()[0] ?? [];
        const logProbability = [...labels, 0].reduce((sum, label, step) => sum + (rows[step]?.[label] ?? 0), 0);
        return logProbability / ((5 + labels.length) / 6) ** lengthExponent;
      });
      const found = fulfilled(result);
      expect(found).toHaveLength(all.length);
      expect(found[0]?.score).toBeCloseTo(Math.max(...scores), 4);
      expect(found.map(({ score }) => score)).toEqual(found.map(({ score }) => score).toSorted((a, b) => b - a));
    }),
    { numRuns: 10 },
  );
});

test('a beam of 1 writes what greedy decoding writes, with its alignment', async () => {
  await fc.assert(
    fc.asyncProperty(kinds, async (kind) => {
      const { config, weights, executor } = decoderOf({ ...kind, firstState: 'zeros' });
      const sequence = sequenceOf(config, 4, kind.seed);
      const [result] = await decodeSequences(executor, [{ ...sequence, maximumLength: 6 }], {
        ...SEARCH,
        beamSize: 1,
        nBest: 1,
      });
      const entries = tf.tensor3d(sequence.entries, [1, 4, DEPTH]);
      const [greedy] = await decodeGreedily(weights, config, { entries, bias: tf.zeros([1, 4]), limit: 6 });
      const [best] = fulfilled(result);
      expect(best?.labels).toEqual(greedy?.labels);
      for (const [step, row] of (best?.alignment ?? []).entries()) {
        for (const [entry, share] of row.entries())
          expect(share).toBeCloseTo(greedy?.alignment[step]?.[entry] ?? Number.NaN, 4);
      }
    }),
    { numRuns: 15 },
  );
});

test('a search that is told to stop runs no further step', async () => {
  const { config, executor } = decoderOf({
    order: 'luong',
    cell: 'gru',
    attention: { kind: 'global', score: 'general' },
    firstState: 'zeros',
    seed: 1,
  });
  const stop = new AbortController();
  let steps = 0;
  const watched: Executor = {
    ...executor,
    run: (cell, inputs) => {
      if (cell === 'decodeStep' && ++steps === 2) stop.abort(new Error('no more'));
      return executor.run(cell, inputs);
    },
  };
  const [result] = await decodeSequences(watched, [sequenceOf(config, 3, 1)], SEARCH, stop.signal);
  expect(result).toMatchObject({ status: 'rejected', reason: { message: 'no more' } });
  expect(steps).toBe(2);
});
