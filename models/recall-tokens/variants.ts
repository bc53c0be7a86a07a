/** The model that recalls, and its rivals: the same sizes, with another encoder or another memory. */
import type { EncoderConfig } from '../../src/encoder/config.ts';
import type { HierarchicalMemoryConfig, MemoryKindConfig } from '../../src/memory/kinds.ts';
import type { ModelConfig } from '../../src/model/config.ts';
import type { HeadsConfig } from '../../src/model/heads.ts';
import { ITEMS, KEYED_SYMBOLS, SALIENT_SYMBOLS, type Task, VALUES } from './tasks.ts';

const DEPTH = 32;

const TREE: HierarchicalMemoryConfig = {
  kind: 'hierarchical',
  depth: DEPTH,
  heads: 2,
  window: 32,
  leafFanIn: 16,
  fanIn: 4,
  slots: 4,
  tokenCountBias: false,
  summary: 'attention',
};

/** C = 16: 136 features, among which 64 keys are told apart. */
const CHANNEL = { keyDepth: 16 };

type Parts = { readonly encoder: EncoderConfig; readonly memory: MemoryKindConfig };

const PAIR: EncoderConfig = { kind: 'pair', units: DEPTH };

export const VARIANTS = [
  'hierarchical',
  'tree alone',
  'literal',
  'mean tree',
  'window',
  'full',
  'gru',
  'lstm',
  'dilated',
  'one slot',
  'sixteen slots',
  'fan-in 16',
  'eager',
  'count bias',
] as const;
export type Variant = (typeof VARIANTS)[number];

/**
 * What is compared, by name; `hierarchical` is the model itself, `tree alone` has no associative channel, and `literal` is the construction of the
 * literature: modules of 100 vectors, and 100 of them for a module above. The last change one size or rule of the tree.
 */
const PARTS: Readonly<Record<Variant, Parts>> = {
  hierarchical: { encoder: PAIR, memory: TREE },
  'tree alone': { encoder: PAIR, memory: TREE },
  literal: { encoder: PAIR, memory: { ...TREE, leafFanIn: 100, fanIn: 100, merging: 'eager' } },
  'mean tree': { encoder: PAIR, memory: { ...TREE, summary: 'mean' } },
  window: { encoder: PAIR, memory: { kind: 'window', window: 32, heads: 2 } },
  full: { encoder: PAIR, memory: { kind: 'full', heads: 2 } },
  gru: { encoder: { kind: 'gru', units: 48, layers: 1 }, memory: { kind: 'last' } },
  lstm: { encoder: { kind: 'lstm', units: 40, layers: 1 }, memory: { kind: 'last' } },
  dilated: {
    encoder: { kind: 'dilated', units: 16, kernel: 2, dilations: [1, 2, 4, 8, 16, 32, 64, 128, 256] },
    memory: { kind: 'last' },
  },
  'one slot': { encoder: PAIR, memory: { ...TREE, slots: 1 } },
  'sixteen slots': { encoder: PAIR, memory: { ...TREE, slots: 16 } },
  'fan-in 16': { encoder: PAIR, memory: { ...TREE, fanIn: 16 } },
  eager: { encoder: PAIR, memory: { ...TREE, merging: 'eager' } },
  'count bias': { encoder: PAIR, memory: { ...TREE, tokenCountBias: true } },
};

/** The configuration of a variant for a task. */
export function configOf(task: Task, variant: Variant): ModelConfig {
  const { encoder, memory }: Parts = PARTS[variant];
  const isChannelled = task === 'keyed' && variant === 'hierarchical';
  return {
    format: 'hearken',
    version: 2,
    name: variant === 'hierarchical' ? `recall-${task}` : `recall-${task}-${variant.replaceAll(' ', '-')}`,
    source: {
      kind: 'tokens',
      symbols: { unit: 'id', count: task === 'keyed' ? KEYED_SYMBOLS : SALIENT_SYMBOLS },
      embedding: DEPTH,
    },
    encoder,
    memory: isChannelled && memory.kind === 'hierarchical' ? { ...memory, associative: CHANNEL } : memory,
    heads: headsOf(task),
  };
}

function headsOf(task: Task): HeadsConfig {
  if (task === 'keyed') return { answers: { labelCount: VALUES } };
  return {
    decoder: {
      order: 'bahdanau',
      cell: 'gru',
      attention: { kind: 'global', score: 'additive' },
      inputFeeding: false,
      firstState: 'zeros',
      units: DEPTH,
      attentionUnits: DEPTH,
      embedding: DEPTH,
      dropout: 0,
      symbols: { unit: 'id', count: ITEMS },
    },
  };
}
