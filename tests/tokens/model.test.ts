import '@tensorflow/tfjs-backend-cpu';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';

import * as tf from '@tensorflow/tfjs';
import fc from 'fast-check';
import { lastValueFrom, map, of, toArray } from 'rxjs';
import { afterAll, beforeAll, describe, expect, expectTypeOf, test } from 'vitest';

import { type AnswersEvent, loadTokenModel, type TokenEncoding, type TokenModel } from '../../src/index.ts';
import { cellsOf } from '../../src/model/cells.ts';
import { tokenModel } from '../../src/model/config-migration.ts';
import { initModel } from '../../src/model/forward.ts';
import type { TokenStreamConfig } from '../../src/tokens/config.ts';
import { createTfjsExecutor } from '../../src/cell/tfjs-executor.ts';
import { createTokenModel } from '../../src/tokens/model.ts';
import { answersAtEnd, salientRecall } from '../../src/training/salient-recall.ts';
import { Random } from '../../src/tensor/random.ts';
import { encode, frames, PullObservable, pull, recognize } from '../../streams/index.ts';
import { cut, cutsArbitrary, join } from '../audio/chunking.ts';
import { tensors } from '../memory/cpu-memory.ts';
import { collect } from '../streams/collect.ts';

const memory = { depth: 8, heads: 2, window: 4, leafFanIn: 2, fanIn: 2, slots: 2, tokenCountBias: false };
const config: TokenStreamConfig = { memory, alphabetSize: 8, labelCount: 6 };
const weights = initModel(tokenModel(config), Random.seeded(3));

/** The task that such a model is trained for. */
const task = salientRecall({
  memory,
  labelCount: 6,
  batchSize: 1,
  lengths: [6],
  curriculumSteps: 1,
  seed: 3,
  validationLengths: [6],
  validationCount: 1,
});

let model: TokenModel;
beforeAll(async () => {
  await tf.setBackend('cpu');
  model = createTokenModel({
    config,
    executor: createTfjsExecutor(cellsOf(tokenModel(config)), weights),
    fingerprint: 'tiny',
  });
});
afterAll(() => model[Symbol.asyncDispose]());

const random = Random.seeded(5);
const tokens = Int32Array.from({ length: 60 }, () => random.integer(8));

/** The answers after each token, `[n, labels]`. */
const answersOf = (encodings: readonly TokenEncoding[]): Float32Array =>
  join(encodings.map(({ logProbabilities }) => logProbabilities));

function expectClose(actual: ArrayLike<number>, expected: ArrayLike<number>): void {
  expect(actual.length).toBe(expected.length);
  const differences = Array.from(actual, (value, index) => Math.abs(value - (expected[index] ?? Number.NaN)));
  expect(Math.max(0, ...differences)).toBeLessThan(1e-4);
}

test('a memory with an associative channel answers in a stream as in training', async () => {
  const channelled = { ...config, memory: { ...memory, associative: { keyDepth: 3 } } };
  const held = initModel(tokenModel(channelled), Random.seeded(4));
  const executor = createTfjsExecutor(cellsOf(tokenModel(channelled)), held);
  await using own = createTokenModel({ config: channelled, executor, fingerprint: 'channelled' });
  const answers = answersOf(await collect(own.encode(cut(tokens, [1, 20, 27]))));
  for (const length of [1, 2, 21, 60]) {
    const expected = tf.tidy(() => {
      const ids = tf.tensor2d(tokens.subarray(0, length), [1, length], 'int32');
      return tf.logSoftmax(answersAtEnd(tensors(held), tokenModel(channelled), ids)).dataSync();
    });
    expectClose(answers.subarray((length - 1) * 6, length * 6), expected);
  }
});

describe('a stream of tokens', () => {
  test('answers at every token as the model in training does for a sequence that ends there', async () => {
    const answers = answersOf(await collect(model.encode([tokens])));
    const held = tensors(weights);
    for (const length of [1, 2, 5, 17, 60]) {
      const expected = tf.tidy(() =>
        tf
          .logSoftmax(
            answersAtEnd(held, tokenModel(config), tf.tensor2d(tokens.subarray(0, length), [1, length], 'int32')),
          )
          .dataSync(),
      );
      expectClose(answers.subarray((length - 1) * 6, length * 6), expected);
    }
  });

  test('does not depend on how the tokens were cut, nor on streams beside it', async () => {
    const whole = answersOf(await collect(model.encode([tokens])));
    const property = fc.asyncProperty(cutsArbitrary, async (cuts) => {
      const [encodings, other] = await Promise.all([
        collect(model.encode(cut(tokens, cuts))),
        collect(model.encode([tokens.toReversed()])),
      ]);
      expectClose(answersOf(encodings), whole);
      expect(other[0]?.first).toBe(0);
      let next = 0;
      for (const { first, vectors, readouts } of encodings) {
        expect(first).toBe(next);
        expect(readouts.length).toBe(vectors.length);
        next += vectors.length / memory.depth;
      }
      expect(next).toBe(60);
    });
    await fc.assert(property, { numRuns: 8 });
  });

  test('goes through RxJS, framed or not, as audio does', async () => {
    const whole = answersOf(await collect(model.encode([tokens])));
    const encoded = new PullObservable(() => cut(tokens, [0.2, 0.7])).pipe(encode(model));
    expectTypeOf(pull(encoded)).toEqualTypeOf<AsyncIterable<TokenEncoding>>();
    expectClose(answersOf(await collect(pull(encoded))), whole);
    const blocks = of(tokens).pipe(frames({ frameLength: 10, hopLength: 10 }), encode(model));
    expectClose(answersOf(await lastValueFrom(blocks.pipe(toArray()))), whole);
    const firsts = await lastValueFrom(
      blocks.pipe(
        map(({ first }) => first),
        toArray(),
      ),
    );
    expect(firsts).toEqual([0, 10, 20, 30, 40, 50]);
  });

  test('refuses tokens that the model does not have, saying which', async () => {
    const stream = collect(model.encode([tokens, Int32Array.of(1, 8)]));
    await expect(stream).rejects.toMatchObject({
      code: 'token/unknown',
      message: 'Expected tokens in 0..7, got 8 as token 61 of the stream',
    });
  });

  test('stops when it is aborted, and holds no tensor afterwards', async () => {
    const reason = new Error('enough');
    const before = tf.memory().numTensors;
    await expect(collect(model.encode([tokens], { signal: AbortSignal.abort(reason) }))).rejects.toBe(reason);
    await collect(model.encode([tokens]));
    expect(tf.memory().numTensors).toBe(before);
  });
});

describe('a stream of tokens that is pushed', () => {
  const long = Int32Array.from({ length: 300 }, () => random.integer(8));
  const labelsOf = (events: readonly AnswersEvent[]): number[] => events.flatMap(({ labels }) => [...labels]);

  test('tells the likeliest label after each token, in blocks, the rest at a flush', async () => {
    const stream = model.open();
    const events = [...(await stream.push(long.slice(0, 100))), ...(await stream.push(long.slice(100)))];
    expect(events.map(({ firstToken, labels }) => [firstToken, labels.length])).toEqual([
      [0, 64],
      [64, 64],
      [128, 64],
      [192, 64],
    ]);
    events.push(...(await stream.flush()));
    stream.close();
    const answers = answersOf(await collect(model.encode([long])));
    const likeliest = Array.from({ length: 300 }, (_, token) => {
      const row = [...answers.subarray(6 * token, 6 * token + 6)];
      return row.indexOf(Math.max(...row));
    });
    expect(labelsOf(events)).toEqual(likeliest);
    expect(labelsOf(await collect(pull(of(long).pipe(recognize(model)))))).toEqual(likeliest);
  });

  test('goes on from a snapshot of any moment in a fresh model', async () => {
    const fresh = createTokenModel({
      config,
      executor: createTfjsExecutor(cellsOf(tokenModel(config)), weights),
      fingerprint: 'tiny',
    });
    const property = fc.asyncProperty(fc.integer({ min: 0, max: long.length }), fc.boolean(), async (at, isFlushed) => {
      const stream = model.open();
      await stream.push(long.slice(0, at));
      if (isFlushed) await stream.flush();
      const from = structuredClone(await stream.snapshot());
      const rest = async (other: typeof stream): Promise<AnswersEvent[]> => [
        ...(await other.push(long.slice(at))),
        ...(await other.flush()),
      ];
      expect(await rest(fresh.open({ from }))).toEqual(await rest(stream));
    });
    await fc.assert(property, { numRuns: 8 });
    await fresh.dispose();
  });

  test('refuses what is no token, and a snapshot of something else', async () => {
    const stream = model.open();
    await expect(stream.push(new Float32Array(1) as never)).rejects.toMatchObject({ code: 'option/type' });
    await expect(stream.push(Int32Array.of(8))).rejects.toMatchObject({ code: 'token/unknown' });
    await expect(stream.flush()).rejects.toMatchObject({ code: 'token/unknown' });
    const from = { ...(await model.open().snapshot()), state: new Uint8Array(30) };
    expect(() => model.open({ from })).toThrow(expect.objectContaining({ code: expect.stringMatching(/^snapshot\//) }));
  });
});

describe('loadTokenModel', () => {
  let folder: string;
  beforeAll(async () => {
    folder = await mkdtemp(path.join(tmpdir(), 'hearken-tokens-'));
    await task.save(folder, weights, { steps: 0 });
  });
  afterAll(() => rm(folder, { recursive: true }));

  test('loads what the recipe of salient recall writes', async () => {
    await using loaded = await loadTokenModel(folder);
    expect(loaded).toMatchObject({ alphabetSize: 8, labelCount: 6 });
    expectClose(answersOf(await collect(loaded.encode([tokens]))), answersOf(await collect(model.encode([tokens]))));
  });

  test.each([
    ['{', 'model/config', 'JSON'],
    ['null', 'model/config', 'memory.depth'],
    [JSON.stringify({ ...config, memory: { ...memory, heads: 3 } }), 'model/config', 'memory.heads'],
    [JSON.stringify({ ...config, memory: { ...memory, tokenCountBias: 1 } }), 'model/config', 'memory.tokenCountBias'],
    [JSON.stringify({ ...config, alphabetSize: undefined }), 'model/config', 'alphabetSize'],
    [JSON.stringify({ ...config, labelCount: 7 }), 'model/tensor', 'answers.kernel'],
  ])('refuses a configuration that is %s', async (json, code, word) => {
    const damaged = await mkdtemp(path.join(folder, 'damaged-'));
    await task.save(damaged, weights, {});
    await writeFile(path.join(damaged, 'config.json'), json);
    await expect(loadTokenModel(damaged)).rejects.toMatchObject({ code, message: expect.stringContaining(word) });
  });

  test('says when there is no model', async () => {
    await expect(loadTokenModel('/no/such/model')).rejects.toMatchObject({ code: 'model/missing-file' });
  });
});
