/** The architecture of speech-en: one encoder, heads of words and of phones, the attention decoder; a vector every 30 ms. */
import { PHONE_SET } from '../../corpora/pronunciations/phone-set.ts';
import type { ModelConfig } from '../../src/model/config.ts';
import { DEFAULT_DECODING } from '../../src/model/decoding.ts';
import { SPEECH_FEATURES } from '../../src/model/speech-features.ts';
import { CODES_CONFIG } from '../codes-en/config.ts';
import { CODE_WORDS, DIGIT_WORDS, LETTERS } from '../codes-en/words.ts';
import { labelOf, SPOKEN_WORDS } from './words.ts';

const UNITS = 224;
const entry = (word: string): { label: string; word: string } => ({ label: labelOf(word), word });
/** "Oh" and the letter o sound alike: a code writes both as o. */
const isWritten = (word: string): boolean => word !== 'oh';

export const SPEECH_EN_CONFIG: ModelConfig = {
  format: 'hearken',
  version: 2,
  name: 'speech-en',
  language: 'en',
  source: { kind: 'audio', features: SPEECH_FEATURES, frameStack: 3 },
  encoder: { kind: 'lstm', units: UNITS, layers: 3 },
  // 1.2 s exactly; then 0.24 s, 1.9 s, 15 s, ... a node.
  memory: {
    kind: 'hierarchical',
    depth: UNITS,
    heads: 4,
    window: 40,
    leafFanIn: 8,
    fanIn: 8,
    slots: 4,
    tokenCountBias: true,
    summary: 'attention',
  },
  heads: {
    ctc: {},
    phones: { symbols: PHONE_SET },
    decoder: CODES_CONFIG.decoder,
  },
  vocabulary: {
    labels: [...new Set(SPOKEN_WORDS.map(labelOf))],
    grammars: {
      digits: DIGIT_WORDS.map(entry),
      letters: LETTERS.map(entry),
      codes: CODE_WORDS.filter(isWritten).map(entry),
      spoken: SPOKEN_WORDS.filter(isWritten).map(entry),
    },
    defaultGrammar: 'codes',
  },
  decoding: DEFAULT_DECODING,
};
