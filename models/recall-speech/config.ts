/** The parts of recall-speech: the encoder of codes-en as it is, and above it what is trained here. */
import type { HierarchicalMemoryConfig } from '../../src/memory/kinds.ts';
import { DEFAULT_DECODING } from '../../src/model/decoding.ts';
import type { ModelConfig } from '../../src/model/config.ts';
import type { DecoderHead } from '../../src/model/heads.ts';
import { CODES_CONFIG } from '../codes-en/config.ts';
import { ASK } from './words.ts';

const UNITS = 96;
/** Depth of the vectors of codes-en. */
const LOWER_UNITS: number = CODES_CONFIG.encoder.units;
const LABELS: number = CODES_CONFIG.vocabulary.labels.length;

const ABOVE = { kind: 'lstm', units: UNITS, layers: 1 } as const;

/** Digits go up the tree as they are, on levels far above those of training. */
const MEMORY: HierarchicalMemoryConfig = {
  kind: 'hierarchical',
  depth: UNITS,
  heads: 4,
  window: 16,
  leafFanIn: 4,
  fanIn: 4,
  slots: 8,
  tokenCountBias: false,
  summary: 'attention',
  merging: 'eager',
  strongest: 2,
  refined: 'leaves',
};

const DECODER: DecoderHead = {
  order: 'bahdanau',
  cell: 'gru',
  attention: { kind: 'global', score: 'additive' },
  inputFeeding: false,
  firstState: 'zeros',
  units: 64,
  attentionUnits: 64,
  embedding: 32,
  dropout: 0,
};

/** What is trained, on vectors that the encoder of codes-en made. */
export const UPPER_CONFIG: ModelConfig = {
  format: 'hearken',
  version: 2,
  name: 'recall-speech-upper',
  source: { kind: 'numbers', width: LOWER_UNITS },
  encoder: ABOVE,
  memory: MEMORY,
  heads: {
    ctc: { symbols: { unit: 'id', count: LABELS } },
    decoder: { ...DECODER, symbols: { unit: 'id', count: LABELS } },
  },
};

const { frameStack, ...below } = CODES_CONFIG.encoder;

/** What is shipped: audio in, both encoders. */
export const RECALL_SPEECH_CONFIG: ModelConfig = {
  format: 'hearken',
  version: 2,
  name: 'recall-speech',
  language: CODES_CONFIG.language,
  source: { kind: 'audio', features: CODES_CONFIG.features, frameStack },
  encoder: { kind: 'stacked', below, above: ABOVE },
  memory: MEMORY,
  heads: { ctc: {}, decoder: DECODER },
  vocabulary: CODES_CONFIG.vocabulary,
  decoding: { ...DEFAULT_DECODING, recall: ASK },
};
