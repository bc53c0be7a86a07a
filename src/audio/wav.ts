import { encode } from 'node-wav';

import { assertInteger, HearkenError } from '../errors.ts';

export type WavEncodeOptions = {
  /** Sample rate in Hz, 1..768000. */ readonly sampleRate: number;
  /** `pcm16` (the default) or `float32`; both clip to -1..1. */ readonly encoding?: 'pcm16' | 'float32';
};

/** A whole WAV file of equally long channels. Throws `option/out-of-range` or `wav/channel-lengths`. */
export function encodeWav(channels: readonly Float32Array[], options: WavEncodeOptions): Uint8Array {
  const { sampleRate, encoding = 'pcm16' } = options;
  assertInteger('sampleRate', sampleRate, 1, 768_000);
  assertInteger('channels.length', channels.length, 1, 65_535);
  const lengths = new Set(channels.map((channel) => channel.length));
  if (lengths.size > 1) {
    throw new HearkenError('wav/channel-lengths', `Expected channels of one length, got ${[...lengths].join(', ')}`);
  }
  return encode(channels, encoding === 'pcm16' ? { sampleRate, bitDepth: 16 } : { sampleRate, float: true });
}
