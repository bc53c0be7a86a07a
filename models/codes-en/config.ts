/** The architecture of codes-en: 1.4 M parameters, one vector every 40 ms. */
import type { SpeechConfig } from '../../src/model/speech-config.ts';
import { DEFAULT_DECODING } from '../../src/model/decoding.ts';
import { SPEECH_FEATURES } from '../../src/model/speech-features.ts';
import { CODE_WORDS, DIGIT_WORDS, labelOf, LETTERS } from './words.ts';

const UNITS = 192;
const entry = (word: string): { label: string; word: string } => ({ label: labelOf(word), word });

export const CODES_CONFIG: SpeechConfig = {
  format: 'hearken',
  version: 1,
  name: 'codes-en',
  language: 'en',
  vocabulary: {
    labels: [...new Set(CODE_WORDS.map(labelOf))],
    grammars: {
      digits: DIGIT_WORDS.map(entry),
      letters: LETTERS.map(entry),
      // "Oh" and the letter o sound alike: a code writes both as o.
      codes: CODE_WORDS.filter((word) => word !== 'oh').map(entry),
    },
    defaultGrammar: 'codes',
  },
  features: SPEECH_FEATURES,
  encoder: { kind: 'lstm', frameStack: 4, units: UNITS, layers: 2 },
  // 1.3 s exactly; then 0.3 s, 2.6 s, 20 s, ... a node: an hour is about 40 live roots.
  memory: { depth: UNITS, heads: 4, window: 32, leafFanIn: 8, fanIn: 8, slots: 4, tokenCountBias: true },
  decoder: {
    order: 'luong',
    cell: 'gru',
    attention: { kind: 'global', score: 'location' },
    inputFeeding: true,
    firstState: 'zeros',
    units: 128,
    attentionUnits: 96,
    embedding: 64,
    dropout: 0.1,
  },
  decoding: DEFAULT_DECODING,
};
