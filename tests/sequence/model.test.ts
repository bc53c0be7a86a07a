import * as tf from '@tensorflow/tfjs';
import { beforeAll, describe, expect, test } from 'vitest';

import { loadBackend } from '../../src/backend/backends.ts';
import { decodeGreedily } from '../../src/decoder/greedy.ts';
import { loadSequenceModel } from '../../src/index.ts';
import { forward } from '../../src/model/forward.ts';
import { decoderOf } from '../../src/model/heads.ts';
import { createSequenceModel } from '../../src/sequence/model.ts';
import { tensorsOf } from '../../src/tensor/tensors-of.ts';
import { configOf, PARTS, tinyEngine, tinyFolder, weightsOf } from './tiny-model.ts';

beforeAll(() => loadBackend('cpu'));

/** 1 to 23 symbols each: beyond window and leaves of the memories. */
const INPUTS = ['a', 'dcba', 'abcdabcdabcdabcddcbaabc', 'bb', 'cabdacbdacd', 'aaaaaaa'];

function gapOf(a: readonly (readonly number[])[], b: readonly (readonly number[])[]): number {
  return Math.max(0, ...a.flatMap((row, step) => row.map((share, at) => Math.abs(share - (b[step]?.[at] ?? 9)))));
}

describe.each(PARTS)('a model of sequences: $title', (parts) => {
  const config = configOf(parts);

  test('writes what training would read from it, greedily', async () => {
    await using model = createSequenceModel(await tinyEngine(config));
    const weights = tensorsOf(weightsOf(config));
    for (const input of INPUTS) {
      const ids = Array.from(input, (symbol) => 'abcd'.indexOf(symbol));
      const { entries, bias, final } = forward(weights, config, {
        inputs: tf.tensor2d([ids], [1, ids.length], 'int32'),
        lengths: [ids.length],
      });
      const given = { entries, bias, final, limit: 12 };
      const [greedy] = await decodeGreedily(weights, decoderOf(config.heads.decoder!), given);
      const [best] = await model.decode(input, { beamSize: 1, maximumLength: 12 });
      expect(best?.tokens.map((token) => token + 1)).toEqual(greedy?.labels);
      expect(best?.outputSymbols).toEqual(best?.tokens.map((token) => ['x', 'yy', 'z'][token]));
      expect(best?.text).toBe(best?.outputSymbols.join(' '));
      expect(best?.inputSymbols).toEqual(Array.from(input));
      const isPlain = config.memory.kind === 'full'; // entries are inputs
      const expected = isPlain ? greedy?.alignment : best?.alignment;
      expect(gapOf(best?.alignment ?? [], expected ?? [])).toBeLessThan(1e-4);
    }
  });

  test('answers many inputs as each alone, in their order, best hypothesis first', async () => {
    await using model = createSequenceModel(await tinyEngine(config));
    const options = { beamSize: 3, nBest: 3, maximumLength: 6 };
    const together = await model.decodeAll(INPUTS, options);
    for (const [index, input] of INPUTS.entries()) {
      const alone = await model.decode(input, options);
      expect(together[index]?.map(({ text }) => text)).toEqual(alone.map(({ text }) => text));
      const scores = alone.map(({ score }) => score);
      expect(scores).toEqual(scores.toSorted((a, b) => b - a));
      for (const [rank, { alignment, inputSymbols }] of alone.entries()) {
        expect(gapOf(alignment, together[index]?.[rank]?.alignment ?? [])).toBeLessThan(1e-4);
        for (const row of alignment) {
          expect(row).toHaveLength(inputSymbols.length);
          const sum = row.reduce((total, share) => total + share, 0);
          const mayBeNone = config.heads.decoder?.attention.kind !== 'global'; // hard attention may stop nowhere
          expect(Math.min(Math.abs(sum - 1), mayBeNone ? sum : 1)).toBeLessThan(1e-4);
        }
      }
    }
  });

  test('writes from its folder by onnxruntime what it writes by tfjs', async () => {
    const folder = await tinyFolder(config);
    await using exported = await loadSequenceModel(folder);
    await using reference = await loadSequenceModel(folder, { device: 'tfjs' });
    const options = { beamSize: 2, nBest: 2, maximumLength: 8 };
    const [own, other] = [await exported.decodeAll(INPUTS, options), await reference.decodeAll(INPUTS, options)];
    for (const [index, hypotheses] of own.entries()) {
      expect(hypotheses.map(({ text }) => text)).toEqual(other[index]?.map(({ text }) => text));
      for (const [rank, { alignment, score }] of hypotheses.entries()) {
        expect(score).toBeCloseTo(other[index]?.[rank]?.score ?? Number.NaN, 3);
        expect(gapOf(alignment, other[index]?.[rank]?.alignment ?? [])).toBeLessThan(1e-3);
      }
    }
  });
});

describe('a model of sequences', () => {
  const config = configOf(PARTS[0]!);

  test('names the symbol that it does not know, and its place', async () => {
    await using model = createSequenceModel(await tinyEngine(config));
    await expect(model.decode('abxd')).rejects.toMatchObject({
      code: 'symbols/unknown',
      message: "Expected characters that the model knows, got 'x' as symbol 3",
    });
    await expect(model.decode(Int32Array.of(0, 4))).rejects.toMatchObject({
      code: 'symbols/unknown',
      message: "Expected ids in 0..3, got '4' as symbol 2",
    });
    await expect(model.decode('')).rejects.toMatchObject({ code: 'sequence/empty' });
    await expect(model.decode('a', { beamSize: 2, nBest: 3 })).rejects.toThrow(
      'Expected `nBest` in 1..2, the beam, got 3',
    );
    await expect(model.decode('a', { lengthExponent: 3 })).rejects.toThrow('Expected `lengthExponent`');
    expect(await model.decodeAll([])).toEqual([]);
  });

  test('ends with the reason of its signal', async () => {
    await using model = createSequenceModel(await tinyEngine(config));
    await expect(model.decode('abcd', { signal: AbortSignal.abort(new Error('enough')) })).rejects.toThrow('enough');
  });

  test('is told from other models', async () => {
    await expect(loadSequenceModel('models/codes-en')).rejects.toMatchObject({
      code: 'model/config',
      message:
        'Expected a model that takes in symbols or images, and writes symbols or says something of the whole, got one of audio with ctc, decoder',
    });
  });
});
