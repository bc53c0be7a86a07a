/** The captioner, and what is compared with it: the same sizes and the same number of weights, with another view of the image. */
import type { ModelConfig } from '../../src/model/config.ts';
import { SIDE, WORDS } from './scenes.ts';

/**
 * How a word sees the image: `soft`, as the mean of its parts by an alignment; `hard`, as one part that is drawn; `none`, as one vector, a projection of
 * the whole grid, the same for all words.
 */
export const ATTENTIONS = ['soft', 'hard', 'none'] as const;
export type CaptionAttention = (typeof ATTENTIONS)[number];

const IMAGE = { height: SIDE, width: SIDE, channels: 1 };

/** The configuration of a variant. */
export function configOf(attention: CaptionAttention): ModelConfig {
  return {
    format: 'hearken',
    version: 2,
    name: attention === 'soft' ? 'caption-digits' : `caption-digits-${attention}`,
    source: { kind: 'image', ...IMAGE },
    encoder: {
      kind: 'grid',
      units: 48,
      image: IMAGE,
      kernel: 3,
      layers: [
        { channels: 8, stride: 2 },
        { channels: 16, stride: 2 },
        { channels: 32, stride: 2 },
        { channels: 48, stride: 1 },
      ],
    },
    memory: { kind: attention === 'none' ? 'last' : 'full' },
    heads: {
      decoder: {
        order: 'bahdanau',
        cell: 'gru',
        attention: { kind: attention === 'hard' ? 'sampled' : 'global', score: 'additive' },
        inputFeeding: false,
        firstState: 'encoder',
        units: 80,
        attentionUnits: 48,
        embedding: 16,
        dropout: 0,
        symbols: { unit: 'word', symbols: WORDS },
      },
    },
  };
}
