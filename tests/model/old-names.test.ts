/**
 * What was written before fields, tensors and cells took up the field's words. The files of `old-names/` were made by the code of that
 * time: a speech model, a token model, a stream of the former after 50,001 samples of `tones(6, 3)`, and a training run.
 */
import { cp, mkdtemp, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';

import { expect, onTestFinished, test } from 'vitest';

import { readCheckpoint, writeCheckpoint } from '../../src/model/checkpoint.ts';
import { parseSpeechConfig } from '../../src/model/speech-config.ts';
import type { StreamingDevice } from '../../src/backend/model-executor.ts';
import { fingerprintOf, loadEngine } from '../../src/recognizer/load-engine.ts';
import { restoreStream } from '../../src/recognizer/state.ts';
import { readTokenCheckpoint } from '../../src/tokens/checkpoint.ts';
import { tokenFingerprintOf } from '../../src/tokens/model.ts';
import { openSpeechRecipe } from '../training/speech-recipe.ts';
import { loadRunState } from '../../src/training/run-state.ts';
import { listen } from '../recognizer/listen.ts';
import { TINY_CONFIG, tones } from '../recognizer/tiny-engine.ts';
import expected from './old-names/expected.json' with { type: 'json' };

const OLD = path.join(import.meta.dirname, 'old-names');
const SPEECH = path.join(OLD, 'speech');
const TOKENS = path.join(OLD, 'tokens');

const TRAINING = {
  seed: 1,
  steps: 10,
  learningRate: 1e-3,
  warmup: 0,
  validateEvery: 5,
  batchSize: 4,
  batchFrames: 1_000,
  ctcWeight: 0.7,
  labelSmoothing: 0,
  scheduledSampling: 0,
  dropout: 0,
  specAugment: { frequencyMasks: 0, frequencyMaskBands: 0, timeMasksPerSecond: 0, timeMaskFrames: 0 },
  shardPasses: 1,
};

async function finalsAfterTheSnapshot(folder: string, device: StreamingDevice): Promise<string[]> {
  const engine = await loadEngine(folder, device);
  onTestFinished(() => engine.executor[Symbol.asyncDispose]());
  const from = restoreStream(engine, await readFile(path.join(OLD, 'stream.snapshot')));
  const { events } = await listen(engine, [tones(6, 3).subarray(50_001)], { from });
  return events.flatMap((event) => (event.type === 'final' ? [event.text] : []));
}

/** The same model as it is written today, with the graphs of the old one where `hasOldGraphs`, else under their new names. */
async function rewritten({ hasOldGraphs = false } = {}): Promise<string> {
  const folder = await mkdtemp(path.join(tmpdir(), 'hearken-old-names-'));
  onTestFinished(() => rm(folder, { recursive: true }));
  await writeCheckpoint(folder, await readCheckpoint(SPEECH));
  const graphs = path.join(folder, 'onnx');
  await cp(path.join(SPEECH, 'onnx'), graphs, { recursive: true });
  if (hasOldGraphs) return folder;
  for (const kind of ['Leaf', 'Inner']) {
    await rename(path.join(graphs, `summarise${kind}.onnx`), path.join(graphs, `summarize${kind}.onnx`));
  }
  return folder;
}

test.each(['cpu', 'tfjs'] as const)(
  'a model folder with the old names streams on %s, and so do its snapshots',
  async (device) => {
    expect(await finalsAfterTheSnapshot(SPEECH, device)).toEqual(expected.finals);
  },
);

test('the old names give the configuration and the weights of the new ones', async () => {
  const { config, weights } = await readCheckpoint(SPEECH);
  expect(config).toEqual(TINY_CONFIG);
  expect(Object.keys(weights)).toEqual(
    expect.arrayContaining(['encoder.inputProjection.bias', 'memory.summarize.queries', 'memory.read.mlp.up.bias']),
  );
});

test('a model has one fingerprint by its old and its new names, so that its streams go on', async () => {
  expect(await fingerprintOf(SPEECH)).toBe(expected.fingerprint);
  for (const hasOldGraphs of [true, false]) {
    const folder = await rewritten({ hasOldGraphs });
    expect(await readFile(path.join(folder, 'config.json'), 'utf8')).toContain('"frameStack"');
    expect(await fingerprintOf(folder)).toBe(expected.fingerprint);
    expect(await finalsAfterTheSnapshot(folder, 'cpu')).toEqual(expected.finals);
  }
});

test('a graph under the new name of its cell goes before one under the old name', async () => {
  const folder = await rewritten({ hasOldGraphs: true });
  await writeFile(path.join(folder, 'onnx', 'summarizeLeaf.onnx'), 'no graph');
  await expect(loadEngine(folder, 'cpu')).rejects.toThrow('Expected the graph of cell `summarizeLeaf` to load');
});

test('a token model with the old names loads, and is the model that it was', async () => {
  const { config, weights } = await readTokenCheckpoint(TOKENS);
  expect(config.memory).toMatchObject({ tokenCountBias: true });
  expect(weights['memory.summarize.mlp.down.kernel']?.shape).toEqual([8, 4]);
  expect(await tokenFingerprintOf(TOKENS)).toBe(expected.tokenFingerprint);
});

test('a training run with the old names goes on', async () => {
  const state = await loadRunState(OLD);
  const names = ['encoder.inputProjection.bias', 'head.bias', 'memory.read.mlp.up.bias'];
  for (const group of ['weights', 'first', 'second', 'average'] as const) {
    expect(Object.keys(state?.optimizer[group] ?? {})).toEqual(expect.arrayContaining(names));
  }
  expect(state).toMatchObject({ shard: 1, batch: 2, bestError: 0.5 });
});

test('a recipe with the old names trains a model with the new ones', async () => {
  const folder = await mkdtemp(path.join(tmpdir(), 'hearken-old-recipe-'));
  onTestFinished(() => rm(folder, { recursive: true }));
  const recipe = path.join(folder, 'recipe.mjs');
  const config = await readFile(path.join(SPEECH, 'config.json'), 'utf8');
  const training = JSON.stringify(TRAINING);
  await writeFile(
    recipe,
    `export default { config: ${config}, training: ${training}, examples: async () => 'opened' };`,
  );
  const { config: opened, examples } = await openSpeechRecipe({ recipe });
  expect(opened.encoder).toEqual(TINY_CONFIG.encoder);
  expect(opened.memory).toEqual(TINY_CONFIG.memory);
  expect(await examples()).toBe('opened');
});

test('a field under both names is refused by its old one', () => {
  const { encoder } = TINY_CONFIG;
  expect(() => parseSpeechConfig({ ...TINY_CONFIG, encoder: { ...encoder, stack: 4 } })).toThrow(
    'Expected `encoder.stack` to be absent, got 4',
  );
});
