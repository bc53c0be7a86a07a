/** The model that recalls, and its rivals: the same sizes, with another encoder or another memory. */
import type { EncoderConfig } from '../../src/encoder/config.ts';
import type { HierarchicalMemoryConfig, MemoryKindConfig } from '../../src/memory/kinds.ts';
import type { ModelConfig } from '../../src/model/config.ts';
import type { HeadsConfig } from '../../src/model/heads.ts';
import { ITEMS, KEYED_SYMBOLS, SALIENT_SYMBOLS, type Task, VALUES } from './tasks.ts';

const DEPTH = 32;

const KEYED_TREE: HierarchicalMemoryConfig = {
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

/** Four facts at once: what is chosen for a slot goes up as it is, on levels far above those of training. */
const SALIENT_TREE: HierarchicalMemoryConfig = {
  ...KEYED_TREE,
  window: 16,
  leafFanIn: 4,
  slots: 8,
  merging: 'eager',
  strongest: 2,
  refined: 'leaves',
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
  'rnn',
  'gru',
  'lstm',
  'dilated',
  'delta',
  'wide delta',
  'surprise',
  'one slot',
  'sixteen slots',
  'fan-in 16',
  'lazy',
  'all children',
  'all refined',
  'count bias',
] as const;
export type Variant = (typeof VARIANTS)[number];

/**
 * What is compared, by name, as changes of the task's tree: `hierarchical` is the model itself, `tree alone` has no associative channel, and `literal` is
 * the construction of the literature: modules of 100 vectors, and 100 of them for a module above. The last change one size or rule.
 */
function partsOf(variant: Variant, tree: HierarchicalMemoryConfig): Parts {
  const changed = (change: Partial<HierarchicalMemoryConfig>): Parts => ({
    encoder: PAIR,
    memory: { ...tree, ...change },
  });
  switch (variant) {
    case 'hierarchical':
    case 'tree alone':
      return changed({});
    case 'literal':
      return changed({ leafFanIn: 100, fanIn: 100, merging: 'eager' });
    case 'mean tree':
      return changed({ summary: 'mean' });
    case 'window':
      return { encoder: PAIR, memory: { kind: 'window', window: 32, heads: 2 } };
    case 'full':
      return { encoder: PAIR, memory: { kind: 'full', heads: 2 } };
    case 'rnn':
      return { encoder: { kind: 'rnn', units: 72, layers: 1 }, memory: { kind: 'last' } };
    case 'gru':
      return { encoder: { kind: 'gru', units: 48, layers: 1 }, memory: { kind: 'last' } };
    case 'lstm':
      return { encoder: { kind: 'lstm', units: 40, layers: 1 }, memory: { kind: 'last' } };
    case 'dilated':
      return { encoder: { kind: 'dilated', units: 16, kernel: 2, dilations: DILATIONS }, memory: { kind: 'last' } };
    case 'delta':
      return { encoder: { kind: 'delta', units: 48, layers: 1, heads: 2, keyDepth: 64 }, memory: { kind: 'last' } };
    case 'wide delta':
      return { encoder: { kind: 'delta', units: 64, layers: 1, heads: 1, keyDepth: 480 }, memory: { kind: 'last' } };
    case 'surprise':
      return { encoder: { kind: 'surprise', units: DEPTH, heads: 2, kept: 128 }, memory: { kind: 'last' } };
    case 'one slot':
      return changed({ slots: 1 });
    case 'sixteen slots':
      return changed({ slots: 16 });
    case 'fan-in 16':
      return changed({ fanIn: 16 });
    case 'lazy':
      return changed({ merging: 'lazy' });
    case 'all children':
      return changed({ strongest: undefined });
    case 'all refined':
      return changed({ refined: 'all' });
    case 'count bias':
      return changed({ tokenCountBias: true });
    default:
      return variant satisfies never;
  }
}

/** The oldest of 512 symbols is seen. */
const DILATIONS = [1, 2, 4, 8, 16, 32, 64, 128, 256];

/** The configuration of a variant for a task. */
export function configOf(task: Task, variant: Variant): ModelConfig {
  const { encoder, memory } = partsOf(variant, task === 'keyed' ? KEYED_TREE : SALIENT_TREE);
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
