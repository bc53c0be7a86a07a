/** Models whose leaves are found by descent: what their configuration may say, what their loss is, and that streams answer as in training. */
import '@tensorflow/tfjs-backend-cpu';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';

import * as tf from '@tensorflow/tfjs';
import { afterAll, beforeAll, expect, test } from 'vitest';

import { loadBackend } from '../../src/backend/backends.ts';
import { exportModel } from '../../src/export/export-model.ts';
import { loadTokenModel } from '../../src/index.ts';
import type { HierarchicalMemoryConfig } from '../../src/memory/kinds.ts';
import { readAtEnd } from '../../src/memory/parallel-kinds.ts';
import { writeCheckpoint } from '../../src/model/checkpoint.ts';
import { type ModelConfig, parseModelConfig } from '../../src/model/config.ts';
import { describeParts } from '../../src/model/describe-parts.ts';
import { forward, initModel } from '../../src/model/forward.ts';
import { answerLogits } from '../../src/model/head-layers.ts';
import { Random } from '../../src/tensor/random.ts';
import { tensorsOf } from '../../src/tensor/tensors-of.ts';
import type { SequenceExample } from '../../src/training/examples.ts';
import { sequenceBatches } from '../../src/training/sequence-batches.ts';
import { sequenceLoss, validateSequences } from '../../src/training/sequence-task.ts';
import { COLD_CONFIG } from './cold-config.ts';

const TREE = COLD_CONFIG.memory as HierarchicalMemoryConfig; // as it says
const withBeam = (beam: number): ModelConfig => ({
  ...COLD_CONFIG,
  memory: { ...TREE, cold: { nearest: 2, retention: 1_000, descent: { beam } } },
});
const CONFIG = withBeam(1);
const weights = initModel(CONFIG, Random.seeded(3));
const random = Random.seeded(5);
const tokens = Int32Array.from({ length: 60 }, () => random.integer(12));

let folder: string;
beforeAll(async () => {
  await loadBackend('cpu');
  folder = await mkdtemp(path.join(tmpdir(), 'hearken-token-descent-'));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

function labelsOf(config: ModelConfig): number[] {
  return tf.tidy(() => {
    const parts = tensorsOf(weights);
    const inputs = tf.tensor2d(tokens, [1, tokens.length], 'int32');
    const { reads } = forward(parts, config, { inputs, lengths: [tokens.length], readsFrom: 0 });
    return Array.from(tf.argMax(answerLogits(parts, tf.reshape<tf.Rank.R2>(reads!, [-1, 8])), 1).dataSync()); // it was asked for
  });
}

test.each(['cpu', 'tfjs'] as const)(
  'on %s, a stream answers as in training, which a search would not',
  async (device) => {
    const model = path.join(folder, device);
    await writeCheckpoint(model, { config: CONFIG, weights });
    if (device === 'cpu') await exportModel(model);
    await using loaded = await loadTokenModel(model, { device });
    const stream = loaded.open();
    const labels = [...(await stream.push(tokens)), ...(await stream.flush())].flatMap((event) => event.labels);
    stream.close();
    expect(labels).toEqual(labelsOf(CONFIG));
    expect(labels).not.toEqual(labelsOf(COLD_CONFIG));
  },
);

test('a configuration says how many nodes a walk goes on from, at least one', () => {
  expect(parseModelConfig(JSON.parse(JSON.stringify(CONFIG)))).toEqual(CONFIG);
  expect(() => parseModelConfig(JSON.parse(JSON.stringify(withBeam(0))))).toThrow(
    'Expected `memory.cold.descent.beam` to be an integer in 1..4096, got 0',
  );
  expect(Object.fromEntries(describeParts(CONFIG))['memory']).toContain(
    'of which 2 a head are read, found by descent, beam 1',
  );
});

const LOSS = { dropout: 0, labelSmoothing: 0, scheduledSampling: 0 };
const asked: SequenceExample = { input: Array.from(tokens), labels: Array.from(tokens, (token) => token % 5) };
const atEnd: SequenceExample = { input: Array.from(tokens), label: 3 };

test.each([
  ['within', asked],
  ['at its end', atEnd],
] as const)('a model that is asked %s learns the walk, by a part of the loss of its own', async (_, example) => {
  const [batch] = sequenceBatches([example], CONFIG, { batchSize: 1 }, Random.seeded(1));
  const parts = tensorsOf(weights);
  const loss = sequenceLoss(parts, CONFIG, LOSS, batch!, { step: 0, random: Random.seeded(2) });
  const [searched] = sequenceBatches([example], COLD_CONFIG, { batchSize: 1 }, Random.seeded(1));
  const plain = sequenceLoss(parts, COLD_CONFIG, LOSS, searched!, { step: 0, random: Random.seeded(2) });
  const part = loss.parts['descent']?.dataSync()[0] ?? 0;
  expect(part).toBeGreaterThan(1e-3);
  expect((loss.total.dataSync()[0] ?? 0) - part).toBeCloseTo(plain.total.dataSync()[0] ?? 0, 4);
  const { loss: measured } = await validateSequences(parts, withBeam(1_000), [batch!]);
  const { loss: bySearch } = await validateSequences(parts, COLD_CONFIG, [searched!]);
  expect(measured).toBeCloseTo(bySearch!, 4); // every validation has one
});

test('a single read at the end is refused, not searched', () => {
  const parts = tensorsOf(weights);
  const inputs = tf.tensor2d(tokens, [1, tokens.length], 'int32');
  const outputs = forward(parts, CONFIG, { inputs, lengths: [tokens.length] });
  expect(() => readAtEnd(parts, CONFIG.memory, outputs.final, outputs)).toThrow(
    'Expected leaves that are found by descent to be read on the way',
  );
});
