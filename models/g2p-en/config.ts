/**
 * The architecture of g2p-en, 2.8 M parameters, and of the smaller models that are compared with each other. All are one encoder-decoder
 * over the letters of a word; a variant changes one part of it.
 */
import { LETTERS, PHONES } from '../../corpora/pronunciations/cmudict.ts';
import type { ModelConfig } from '../../src/model/config.ts';
import type { DecoderHead } from '../../src/model/heads.ts';

type Sizes = {
  /** Depth of an encoded letter, half of it from either direction. */ readonly units: number;
  readonly layers: number;
  /** Depth of the decoder's state. */ readonly decoderUnits: number;
  readonly embedding: number;
  readonly dropout: number;
};

const MAIN: Sizes = { units: 384, layers: 2, decoderUnits: 384, embedding: 96, dropout: 0.2 };
/** Share of what a layer takes in, and of what the decoder gives, that the larger model's training leaves out. */
export const LARGER_DROPOUT = 0.35;
const LARGER: Sizes = { ...MAIN, units: 512, decoderUnits: 512, dropout: LARGER_DROPOUT };
/** At most 1 M parameters in every variant; as deep a state as a vector, so that the dot product has two equal sides. */
const COMPARED: Sizes = { units: 224, layers: 1, decoderUnits: 224, embedding: 64, dropout: 0.2 };

type Change = Partial<Pick<DecoderHead, 'order' | 'cell' | 'attention' | 'inputFeeding'>> & {
  readonly memory?: ModelConfig['memory'];
};

/** What a compared model has otherwise than global attention by `general`, in Luong's order, without input feeding. */
export type ComparedVariant =
  | 'general'
  | 'dot'
  | 'concat'
  | 'additive'
  | 'location'
  | 'input-feeding'
  | 'bahdanau'
  | 'fixed-vector'
  | 'local-m'
  | 'local-p'
  | 'monotonic'
  | 'mocha';

const REACH = 3;

export const CHANGES: Readonly<Record<ComparedVariant, Change>> = {
  general: {},
  dot: { attention: { kind: 'global', score: 'dot' } },
  concat: { attention: { kind: 'global', score: 'concat' } },
  additive: { attention: { kind: 'global', score: 'additive' } },
  location: { attention: { kind: 'global', score: 'location' } },
  'input-feeding': { inputFeeding: true },
  bahdanau: { order: 'bahdanau', attention: { kind: 'global', score: 'additive' } },
  'fixed-vector': { memory: { kind: 'last' } },
  'local-m': { attention: { kind: 'local-m', score: 'general', reach: REACH } },
  'local-p': { attention: { kind: 'local-p', score: 'general', reach: REACH } },
  monotonic: { attention: { kind: 'monotonic' } },
  mocha: { attention: { kind: 'mocha', score: 'additive', chunk: REACH } },
};

/** The configuration of the model itself. */
export const G2P_CONFIG: ModelConfig = configOf('g2p-en', MAIN, {});
/** One of 4.9 M parameters, for an ensemble with it. */
export const LARGER_CONFIG: ModelConfig = configOf('g2p-en-larger', LARGER, {});

/** The configuration of a small model that differs from the others in one part. */
export function comparedConfig(variant: ComparedVariant): ModelConfig {
  return configOf(`g2p-en-${variant}`, COMPARED, CHANGES[variant]);
}

function configOf(name: string, sizes: Sizes, { memory = { kind: 'full' }, ...change }: Change): ModelConfig {
  const { units, layers, decoderUnits, embedding, dropout } = sizes;
  return {
    format: 'hearken',
    version: 2,
    name,
    language: 'en',
    source: { kind: 'tokens', symbols: { unit: 'character', symbols: [...LETTERS] }, embedding },
    encoder: { kind: 'lstm', units, layers, direction: 'both' },
    memory,
    heads: {
      decoder: {
        order: 'luong',
        cell: 'lstm',
        attention: { kind: 'global', score: 'general' },
        units: decoderUnits,
        attentionUnits: decoderUnits / 2,
        embedding,
        inputFeeding: false,
        firstState: 'encoder',
        dropout,
        ...change,
        symbols: { unit: 'word', symbols: [...PHONES] },
      },
    },
  };
}
