import type { SpeechConfig } from '../../src/model/speech-config.ts';
import { DEFAULT_DECODING } from '../../src/model/decoding.ts';

/** A small, valid configuration for tests to start from. */
export const EXAMPLE_CONFIG: SpeechConfig = {
  format: 'hearken',
  version: 1,
  name: 'example',
  language: 'en',
  vocabulary: {
    labels: ['0', '1', 'o'],
    grammars: {
      digits: [
        { label: '0', word: 'zero' },
        { label: 'o', word: 'oh' },
        { label: '1', word: 'one' },
      ],
    },
    defaultGrammar: 'digits',
  },
  features: {
    sampleRate: 16_000,
    frameLength: 400,
    hopLength: 160,
    fftLength: 512,
    bandCount: 40,
    lowHz: 20,
    highHz: 8_000,
    window: 'povey',
    preemphasis: 0.97,
    removeDcOffset: true,
    energyFloor: 1.1920929e-7,
    normalization: { timeConstantSeconds: 1.5, scale: 3 },
  },
  encoder: { kind: 'lstm', frameStack: 4, units: 16, layers: 2 },
  memory: { depth: 16, heads: 4, window: 32, leafFanIn: 8, fanIn: 8, slots: 4, tokenCountBias: false },
  decoder: {
    order: 'bahdanau',
    cell: 'gru',
    attention: { kind: 'global', score: 'location' },
    inputFeeding: false,
    firstState: 'zeros',
    units: 16,
    attentionUnits: 16,
    embedding: 8,
    dropout: 0.1,
  },
  decoding: DEFAULT_DECODING,
  training: { recipe: 'recipe.ts', seed: 7 },
};
