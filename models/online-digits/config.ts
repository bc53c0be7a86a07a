/** The decoders that are compared: all of codes-en but its decoder, whose attention stops at vectors, or does not. */
import type { AttentionConfig } from '../../src/attention/config.ts';
import type { DecoderConfig } from '../../src/decoder/config.ts';
import type { SpeechConfig } from '../../src/model/speech-config.ts';
import { CODES_CONFIG } from '../codes-en/config.ts';

/** The model whose encoder and memory all decoders stand on. */
export const ENCODER_FOLDER = 'models/codes-en';
/** Where runs go; of each kind and seed in `KIND-SEED`. */
export const RUNS_FOLDER = '.runs/online-digits';
export const VECTORS_FOLDER: string = `${RUNS_FOLDER}/vectors`;
/** Seeds of the runs of each kind. */
export const SEEDS: readonly number[] = [1, 2, 3];

/** What is compared, by name; `additive` looks at all that was said, once it has ended, and is the rival. */
export const KINDS = ['monotonic', 'mocha', 'milk', 'additive'] as const;
export type Kind = (typeof KINDS)[number];

const ATTENTION: Readonly<Record<Kind, AttentionConfig>> = {
  monotonic: { kind: 'monotonic' },
  mocha: { kind: 'mocha', score: 'additive', chunk: 8 }, // 0.32 s: most of a digit
  milk: { kind: 'milk', score: 'additive' },
  additive: { kind: 'global', score: 'additive' },
};

export function decoderOf(kind: Kind): DecoderConfig {
  return { ...CODES_CONFIG.decoder, attention: ATTENTION[kind] };
}

/** codes-en with the decoder of `kind`. */
export function configOf(kind: Kind): SpeechConfig {
  return { ...CODES_CONFIG, name: `online-digits-${kind}`, decoder: decoderOf(kind) };
}
