/** Parts that go together, as small models; every pair of an encoder, a memory and heads is in one of them. */
import type { EncoderConfig } from '../../src/encoder/config.ts';
import type { MemoryKindConfig } from '../../src/memory/kinds.ts';
import { type ModelConfig, parseModelConfig } from '../../src/model/config.ts';
import type { HeadsConfig } from '../../src/model/heads.ts';
import { modelConfigOfSpeech } from '../../src/model/config-migration.ts';
import { TINY_CONFIG } from '../recognizer/tiny-engine.ts';
import { SEQUENCE_CONFIG } from './sequence-config.ts';

const UNITS = 8;
const TREE = { depth: UNITS, heads: 2, window: 4, leafFanIn: 2, fanIn: 2, slots: 2, tokenCountBias: true };

export const CAUSAL_ENCODERS: readonly EncoderConfig[] = [
  { kind: 'lstm', units: UNITS, layers: 1 },
  { kind: 'gru', units: UNITS, layers: 2 },
  { kind: 'rnn', units: UNITS, layers: 1 },
  { kind: 'delta', units: UNITS, layers: 1, heads: 2, keyDepth: 3 },
  { kind: 'convolution', units: UNITS, layers: 1, kernel: 3 },
  { kind: 'dilated', units: UNITS, kernel: 2, dilations: [1, 2] },
  { kind: 'self-attention', units: UNITS, layers: 1, heads: 2, window: 5 },
];
/** Encoders of tokens alone, then those that cannot stream. */
const OTHER_ENCODERS: readonly EncoderConfig[] = [
  { kind: 'none' },
  { kind: 'pair', units: UNITS },
  { kind: 'surprise', units: UNITS, heads: 2, kept: 4 },
  { kind: 'lstm', units: UNITS, layers: 2, direction: 'both' },
  { kind: 'gru', units: UNITS, layers: 1, direction: 'both' },
  { kind: 'self-attention', units: UNITS, layers: 1, heads: 2, direction: 'both' },
];
export const MEMORIES: readonly MemoryKindConfig[] = [
  { kind: 'last' },
  { kind: 'window', window: 3, heads: 2 },
  { kind: 'full', heads: 2 },
  { kind: 'hierarchical', ...TREE, summary: 'attention' },
  { kind: 'hierarchical', ...TREE, summary: 'mean' },
];
/** A memory that only answers read. */
const CHANNELLED: MemoryKindConfig = {
  kind: 'hierarchical',
  ...TREE,
  summary: 'attention',
  associative: { keyDepth: 3 },
  merging: 'eager',
  strongest: 2,
  refined: 'leaves',
};

const DECODER = { ...SEQUENCE_CONFIG.heads.decoder!, firstState: 'encoder' as const }; // it has one
const { symbols: WRITTEN } = DECODER;
const HEADS: readonly HeadsConfig[] = [
  { decoder: DECODER },
  { ctc: { symbols: WRITTEN } },
  { classifier: { labels: ['even', 'odd'] } },
  { regression: { outputs: 2 } },
  { answers: { labelCount: 3 } },
  { ctc: { symbols: WRITTEN }, decoder: DECODER, classifier: { labels: ['even', 'odd'] } },
];

export function titleOf({ encoder, memory, heads }: Pick<ModelConfig, 'encoder' | 'memory' | 'heads'>): string {
  const direction = 'direction' in encoder && encoder.direction === 'both' ? ' both ways' : '';
  const channel = memory.kind === 'hierarchical' && memory.associative !== undefined ? ' with a channel' : '';
  const summary = memory.kind === 'hierarchical' ? ` by ${memory.summary}${channel}` : '';
  return `${encoder.kind}${direction}, ${memory.kind}${summary}, ${Object.keys(heads).join(' and ')}`;
}

/** A model of tokens of the parts that `config.json` holds, or the reason why they do not go together. */
function parsed(config: ModelConfig): { readonly config: ModelConfig } | { readonly refusal: string } {
  try {
    return { config: parseModelConfig(config) };
  } catch (error) {
    return { refusal: String(error) };
  }
}

/** Every encoder with every memory, the heads by turns, so that each of those, too, meets each of the others. */
export const TOKEN_COMBINATIONS: readonly {
  readonly title: string;
  readonly given: ModelConfig;
  readonly outcome: ReturnType<typeof parsed>;
}[] = [...CAUSAL_ENCODERS, ...OTHER_ENCODERS].flatMap((encoder, e) =>
  [...MEMORIES, CHANNELLED].map((memory, m) => {
    const heads = memory === CHANNELLED ? { answers: { labelCount: 3 } } : HEADS[(e + m) % HEADS.length]!;
    const source = { ...SEQUENCE_CONFIG.source, ...(encoder.kind === 'none' ? { embedding: UNITS } : {}) };
    const given = { ...SEQUENCE_CONFIG, source, encoder, memory, heads } as ModelConfig; // its source is of tokens
    return { title: titleOf(given), given, outcome: parsed(given) };
  }),
);

/** Audio: encoders that stream, with memories and heads by turns. */
export const AUDIO_COMBINATIONS: readonly { readonly title: string; readonly config: ModelConfig }[] =
  CAUSAL_ENCODERS.flatMap((encoder, e) =>
    [0, 2].map((shift) => {
      const model = modelConfigOfSpeech(TINY_CONFIG);
      const { decoder } = model.heads;
      const memory = MEMORIES[(e + shift) % MEMORIES.length]!;
      const heads: HeadsConfig =
        (e + shift / 2) % 3 === 0
          ? { ctc: {} }
          : { ctc: {}, decoder: { ...decoder!, firstState: shift === 0 ? 'encoder' : 'zeros' } };
      const config = parseModelConfig({ ...model, encoder, memory, heads });
      return { title: titleOf(config), config };
    }),
  );
