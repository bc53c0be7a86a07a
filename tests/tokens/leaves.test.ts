/** Streams of a token model with a cold store: as in training, and what becomes of its leaves. */
import '@tensorflow/tfjs-backend-cpu';
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';

import * as tf from '@tensorflow/tfjs';
import { afterAll, beforeAll, expect, test } from 'vitest';

import { loadBackend } from '../../src/backend/backends.ts';
import { exportModel } from '../../src/export/export-model.ts';
import { type AnswersEvent, loadTokenModel, type StreamSnapshot, type TokenModel } from '../../src/index.ts';
import { writeCheckpoint } from '../../src/model/checkpoint.ts';
import { forward, initModel } from '../../src/model/forward.ts';
import { answerLogits } from '../../src/model/head-layers.ts';
import { Random } from '../../src/tensor/random.ts';
import { tensorsOf } from '../../src/tensor/tensors-of.ts';
import { COLD_CONFIG } from './cold-config.ts';

const weights = initModel(COLD_CONFIG, Random.seeded(3));
const random = Random.seeded(5);
const tokens = Int32Array.from({ length: 60 }, () => random.integer(12));

let folder: string;
let model: string;
beforeAll(async () => {
  await loadBackend('cpu');
  folder = await mkdtemp(path.join(tmpdir(), 'hearken-token-leaves-'));
  model = path.join(folder, 'model');
  await writeCheckpoint(model, { config: COLD_CONFIG, weights });
  await exportModel(model);
});
afterAll(() => rm(folder, { recursive: true, force: true }));

/** Labels of the training form after each token. */
function expectedLabels(): number[] {
  return tf.tidy(() => {
    const parts = tensorsOf(weights);
    const inputs = tf.tensor2d(tokens, [1, tokens.length], 'int32');
    const { reads } = forward(parts, COLD_CONFIG, { inputs, lengths: [tokens.length], readsFrom: 0 });
    return Array.from(tf.argMax(answerLogits(parts, tf.reshape<tf.Rank.R2>(reads!, [-1, 8])), 1).dataSync()); // it was asked for
  });
}

const labelsOf = (events: readonly AnswersEvent[]): number[] => events.flatMap(({ labels }) => labels);

async function push(
  stream: ReturnType<TokenModel['open']>,
  from: number,
  to: number,
  piece: number,
): Promise<number[]> {
  const labels: number[] = [];
  for (let start = from; start < to; start += piece) {
    labels.push(...labelsOf(await stream.push(tokens.slice(start, Math.min(to, start + piece)))));
  }
  return [...labels, ...labelsOf(await stream.flush())];
}

test.each([
  ['cpu', 1],
  ['cpu', 60],
  ['tfjs', 7],
] as const)('on %s, %d at a time, answers are those of training', async (device, piece) => {
  await using loaded = await loadTokenModel(model, { device });
  const stream = loaded.open();
  expect(await push(stream, 0, 60, piece)).toEqual(expectedLabels());
  stream.close();
});

async function halfway(loaded: TokenModel, options: { readonly keepsLeaves?: boolean }): Promise<StreamSnapshot> {
  const stream = loaded.open();
  await push(stream, 0, 30, 30);
  const snapshot = await stream.snapshot();
  stream.close(options);
  return snapshot;
}

test('a stream goes on from a snapshot where its leaves were kept, and answers as if it had never stopped', async () => {
  await using loaded = await loadTokenModel(model);
  const from = await halfway(loaded, { keepsLeaves: true });
  const next = loaded.open({ from });
  expect(await push(next, 30, 60, 11)).toEqual(expectedLabels().slice(30));
  next.close({ keepsLeaves: false });
  expect(() => loaded.open({ from })).toThrow('with the 26 leaves of the stream, got none in the memory of this model');
});

test('a stream whose leaves are gone is refused, unless it is to go on without them', async () => {
  await using loaded = await loadTokenModel(model);
  const from = await halfway(loaded, {});
  expect(() => loaded.open({ from })).toThrow(expect.objectContaining({ code: 'snapshot/cold-store' }));
  const without = loaded.open({ from, withoutLeaves: true });
  expect(await push(without, 30, 60, 30)).toHaveLength(30);
  without.close();
});

test.each([
  ['closed', undefined],
  ['told of an id that there is not', Int32Array.of(12)],
])('a stream that goes on from a snapshot and is %s takes back what came after it, no more', async (_, wrong) => {
  await using loaded = await loadTokenModel(model, { leaves: path.join(folder, 'again') });
  const from = await halfway(loaded, { keepsLeaves: true });
  const first = loaded.open({ from });
  expect(() => loaded.open({ from })).toThrow(expect.objectContaining({ code: 'leaves/in-use' }));
  await push(first, 30, 60, 30);
  if (wrong === undefined) first.close();
  else await first.push(wrong).catch(() => undefined); // it ends with that
  const dropped: number[] = [];
  const second = loaded.open({ from, onLeavesDropped: (count) => dropped.push(count) });
  expect(await push(second, 30, 60, 30)).toEqual(expectedLabels().slice(30));
  second.close({ keepsLeaves: true });
  loaded.open({ from, onLeavesDropped: (count) => dropped.push(count) }).close();
  expect(dropped).toEqual([30]);
});

test('a stream that fails leaves what the last snapshot of it names', async () => {
  await using loaded = await loadTokenModel(model, { leaves: path.join(folder, 'failed') });
  const stream = loaded.open();
  await push(stream, 0, 30, 30);
  const from = await stream.snapshot();
  await push(stream, 30, 45, 15);
  await expect(stream.push(Int32Array.of(12))).rejects.toMatchObject({ code: 'token/unknown' });
  const next = loaded.open({ from });
  expect(await push(next, 30, 60, 30)).toEqual(expectedLabels().slice(30));
  next.close();
});

test('leaves in a folder are there for another program, and are deleted when that is asked for', async () => {
  const leaves = path.join(folder, 'leaves');
  const first = await loadTokenModel(model, { leaves });
  const from = await halfway(first, { keepsLeaves: true });
  await first.dispose();
  expect(await readdir(leaves)).toHaveLength(1);
  await using second = await loadTokenModel(model, { leaves });
  const stream = second.open({ from });
  expect(await push(stream, 30, 60, 30)).toEqual(expectedLabels().slice(30));
  stream.close({ keepsLeaves: false });
  expect(await readdir(leaves)).toEqual([]);
});
