/** The model that looks its leaves up, and what it is compared with: the same sizes, with another memory. */
import type { EncoderConfig } from '../../src/encoder/config.ts';
import type { HierarchicalMemoryConfig, MemoryKindConfig } from '../../src/memory/kinds.ts';
import type { ModelConfig } from '../../src/model/config.ts';
import { type MqarTask, SYMBOLS, VALUES } from './tasks.ts';

const EMBEDDING = 32;
const DEPTH = 64;

const TREE: HierarchicalMemoryConfig = {
  kind: 'hierarchical',
  depth: DEPTH,
  heads: 1,
  window: 32,
  leafFanIn: 16,
  fanIn: 4,
  slots: 4,
  tokenCountBias: false,
  summary: 'attention',
};

/** `search`: with a cold store; `descent`: with one to whose leaves a walk leads; `none`: the tree alone, no leaf is kept. */
export const VARIANTS = ['search', 'descent', 'none'] as const;
export type MqarVariant = (typeof VARIANTS)[number];

/** K: leaves that a read attends to. */
const NEAREST = 16;
const RETENTION = 1_000_000;
/** B: nodes of a level that a walk goes on from in what is chosen by; it is measured with others, too. */
const BEAM = 16;

const MEMORIES: Readonly<Record<MqarVariant, MemoryKindConfig>> = {
  none: TREE,
  search: { ...TREE, cold: { nearest: NEAREST, retention: RETENTION } },
  descent: { ...TREE, cold: { nearest: NEAREST, retention: RETENTION, descent: { beam: BEAM } } },
};

/** A vector sees its key: one symbol, or two. */
const ENCODERS: Readonly<Record<MqarTask, EncoderConfig>> = {
  mqar: { kind: 'pair', units: DEPTH },
  'two-token': { kind: 'convolution', units: DEPTH, layers: 1, kernel: 3 },
};

/** The configuration of a variant for a task. */
export function configOf(task: MqarTask, variant: MqarVariant): ModelConfig {
  return {
    format: 'hearken',
    version: 2,
    name: variant === 'search' ? task : `${task}-${variant}`,
    source: { kind: 'tokens', symbols: { unit: 'id', count: SYMBOLS }, embedding: EMBEDDING },
    encoder: ENCODERS[task],
    memory: MEMORIES[variant],
    heads: { answers: { labelCount: VALUES, tied: true } },
  };
}
