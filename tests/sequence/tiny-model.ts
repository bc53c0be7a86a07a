/** Small models of sequences with random first weights. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';

import { onTestFinished } from 'vitest';

import { createTfjsExecutor } from '../../src/cell/tfjs-executor.ts';
import { exportModel } from '../../src/export/export-model.ts';
import { writeCheckpoint } from '../../src/model/checkpoint.ts';
import type { ModelConfig } from '../../src/model/config.ts';
import { initModel } from '../../src/model/forward.ts';
import type { DecoderHead } from '../../src/model/heads.ts';
import { cellsOf } from '../../src/model/cells.ts';
import { createSequenceEngine, type SequenceEngine } from '../../src/sequence/engine.ts';
import type { HostArray } from '../../src/tensor/host-array.ts';
import { normalArray, Random } from '../../src/tensor/random.ts';
import { symbolCodec } from '../../src/text/symbols.ts';
import { SEQUENCE_CONFIG } from '../model/sequence-config.ts';

export type Parts = Pick<ModelConfig, 'encoder' | 'memory'> & { readonly decoder?: Partial<DecoderHead> };

export function configOf({ encoder, memory, decoder }: Parts): ModelConfig {
  const head = { ...SEQUENCE_CONFIG.heads.decoder!, ...decoder };
  return { ...SEQUENCE_CONFIG, encoder, memory, heads: { decoder: head } };
}

/** Weights as after a training: none at the zero or identity that it started from; stops here and there. */
export function weightsOf(config: ModelConfig, seed: number = 1): Record<string, HostArray> {
  const random = Random.seeded(seed);
  const first = initModel(config, random);
  return Object.fromEntries(
    Object.entries(first).map(([name, { shape, data }]) => {
      if (name.endsWith('.offset') && name.includes('attention')) return [name, { shape, data: Float32Array.of(0.1) }];
      if (name.endsWith('.gain') && name.includes('attention')) return [name, { shape, data: Float32Array.of(3) }];
      return [name, data.some((value) => value !== 0) ? { shape, data } : normalArray(random, shape, 0.3)];
    }),
  );
}

export async function tinyEngine(config: ModelConfig, seed: number = 1): Promise<SequenceEngine> {
  const executor = createTfjsExecutor(cellsOf(config), weightsOf(config, seed));
  return createSequenceEngine({ config, executor, fingerprint: `tiny-${seed}`, codecOf: symbolCodec });
}

/** A folder with the model, exported, which is gone when the test has ended. */
export async function tinyFolder(config: ModelConfig): Promise<string> {
  const folder = await mkdtemp(path.join(tmpdir(), 'hearken-sequence-'));
  onTestFinished(() => rm(folder, { recursive: true }));
  await writeCheckpoint(folder, { config, weights: weightsOf(config) });
  await exportModel(folder);
  return folder;
}

const TREE = { depth: 8, heads: 2, window: 4, leafFanIn: 2, fanIn: 2, slots: 2, tokenCountBias: true };

/** Each encoder and each memory, with decoders of either first state. */
export const PARTS: readonly (Parts & { readonly title: string })[] = [
  {
    title: 'both ways, full memory',
    encoder: { kind: 'lstm', units: 8, layers: 2, direction: 'both' },
    memory: { kind: 'full' },
  },
  {
    title: "both ways, the last vector, the encoder's state",
    encoder: { kind: 'gru', units: 8, layers: 1, direction: 'both' },
    memory: { kind: 'last' },
    decoder: { firstState: 'encoder', cell: 'lstm' },
  },
  {
    title: 'causal, window',
    encoder: { kind: 'gru', units: 8, layers: 1, direction: 'causal' },
    memory: { kind: 'window', window: 3 },
    decoder: { order: 'bahdanau', inputFeeding: false, attention: { kind: 'global', score: 'location' } },
  },
  {
    title: 'causal, hierarchical memory',
    encoder: { kind: 'lstm', units: 8, layers: 1, direction: 'causal' },
    memory: { kind: 'hierarchical', ...TREE, summary: 'attention' },
    decoder: { firstState: 'encoder' },
  },
  {
    title: 'pairs, MoChA',
    encoder: { kind: 'pair', units: 8 },
    memory: { kind: 'full' },
    decoder: { attention: { kind: 'mocha', score: 'additive', chunk: 2 } },
  },
];
