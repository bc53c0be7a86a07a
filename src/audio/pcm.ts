import { assertInteger, HearkenError } from '../errors.ts';
import { type SampleDecoder, decodeSamples } from './sample-decoder.ts';
import { bytesOf, isSampleEncoding, readerOf, SAMPLE_ENCODINGS, type SampleEncoding } from './sample-encoding.ts';

const FLOAT32_MAX = (2 - 2 ** -23) * 2 ** 127;

/** Which channel to hear: one by its index from 0, or the mean of all. */
export type ChannelChoice = 'mix' | number;

/** A channel, the mix, or all channels sample by sample: `[n, channelCount]`. */
export type ChannelSelection = ChannelChoice | 'all';

export type PcmOptions = {
  readonly encoding: SampleEncoding;
  /** Interleaved channels, 1..65535. Default 1. */ readonly channelCount?: number;
  /** Channels to decode. Default `'mix'`, the mean of all. */ readonly channel?: ChannelSelection;
  /** Position in its file of the first byte, for messages. Default 0. */ readonly byteOffset?: number;
};

/** Interleaved samples that come live, turned into one channel, or into numbers. */
export type PcmDecoder = {
  /**
   * The samples that `bytes` complete. Throws `audio/non-finite-sample`, naming the byte, on NaN, an infinity, or a
   * number beyond float32.
   */
  readonly push: (bytes: Uint8Array) => Float32Array;
};

/**
 * Opens a decoder of raw samples. Throws `option/out-of-range` or `pcm/encoding` on options that make no sense
 * together.
 */
export function createPcmDecoder(options: PcmOptions): PcmDecoder {
  const decoder = createPcmSampleDecoder(options);
  return {
    push: (bytes) => {
      const samples = decoder.push(bytes);
      const damage = decoder.damage();
      if (damage !== undefined) throw damage;
      return samples;
    },
  };
}

/**
 * Opens a decoder as `createPcmDecoder` does, for recordings: it also gives the samples before one that is no number,
 * and reports the bytes of a last sample that has not come whole (`pcm/truncated`).
 */
export function createPcmSampleDecoder(options: PcmOptions): SampleDecoder {
  const { encoding, channelCount = 1, channel = 'mix', byteOffset = 0 } = options;
  if (!isSampleEncoding(encoding)) {
    const known = SAMPLE_ENCODINGS.join(', ');
    throw new HearkenError('pcm/encoding', `Expected \`encoding\` to be one of ${known}, got ${String(encoding)}`);
  }
  assertInteger('channelCount', channelCount, 1, 65_535);
  if (typeof channel === 'number') assertInteger('channel', channel, 0, channelCount - 1);
  const sampleBytes = bytesOf(encoding);
  const readSample = readerOf(encoding);
  const channels = partsOf(channel, channelCount);
  const frameBytes = sampleBytes * channelCount;
  const partial = new Uint8Array(frameBytes);
  let partialLength = 0;
  let position = byteOffset; // in the file, of the next byte to decode: the first one of `partial`
  let damage: HearkenError | undefined;

  /** Gives how many frames could be decoded: all whole ones of `bytes`, or those before the damage. */
  const decode = (bytes: Uint8Array, samples: Float32Array, from: number): number => {
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    const frameCount = Math.floor(bytes.length / frameBytes);
    for (let frame = 0, out = from * channels.of; frame < frameCount; frame++) {
      let offset = frame * frameBytes + channels.first * sampleBytes;
      for (let mean = 0; mean < channels.of; mean++, out++) {
        let sum = 0;
        for (let index = 0; index < channels.count; index++, offset += sampleBytes) {
          const sample = readSample(view, offset);
          if (!(Math.abs(sample) <= FLOAT32_MAX)) {
            damage = nonFinite(sample, position + offset);
            return frame;
          }
          sum += sample;
        }
        samples[out] = sum / channels.count;
      }
    }
    position += frameCount * frameBytes;
    return frameCount;
  };

  return {
    push: (bytes) => {
      if (damage !== undefined) return new Float32Array(0);
      const samples = new Float32Array(Math.floor((partialLength + bytes.length) / frameBytes) * channels.of);
      let start = 0;
      let count = 0;
      if (partialLength > 0) {
        start = Math.min(frameBytes - partialLength, bytes.length);
        partial.set(bytes.subarray(0, start), partialLength);
        partialLength += start;
        if (partialLength < frameBytes) return samples;
        count = decode(partial, samples, 0);
      }
      if (damage === undefined) count += decode(bytes.subarray(start), samples, count);
      const end = start + Math.floor((bytes.length - start) / frameBytes) * frameBytes;
      partial.set(bytes.subarray(end));
      partialLength = bytes.length - end;
      const length = count * channels.of;
      return length === samples.length ? samples : samples.slice(0, length);
    },
    finish: () => {
      if (partialLength > 0) damage ??= truncated(partialLength, position);
      return new Float32Array(0);
    },
    damage: () => damage,
  };
}

/**
 * Raw samples without a header, for example from standard input. Throws `pcm/truncated` when they end inside a sample,
 * after all whole ones have been given.
 */
export function decodePcm(
  chunks: AsyncIterable<Uint8Array> | Iterable<Uint8Array>,
  options: PcmOptions,
): AsyncGenerator<Float32Array, void, undefined> {
  return decodeSamples(chunks, createPcmSampleDecoder(options));
}

/**
 * How channels become numbers: each sample of all channels gives `of` numbers, which are the means of `count` channels
 * each, from the channel `first` on.
 */
export function partsOf(channel: ChannelSelection, channelCount: number): { first: number; count: number; of: number } {
  if (channel === 'all') return { first: 0, count: 1, of: channelCount };
  return channel === 'mix' ? { first: 0, count: channelCount, of: 1 } : { first: channel, count: 1, of: 1 };
}

function truncated(pending: number, position: number): HearkenError {
  const expected = `Expected whole samples, got ${pending} bytes of one more`;
  return new HearkenError('pcm/truncated', `${expected}: the samples end at byte ${position + pending}`);
}

function nonFinite(sample: number, position: number): HearkenError {
  return new HearkenError(
    'audio/non-finite-sample',
    `Expected samples to be finite float32 numbers, got ${sample} at byte ${position}`,
  );
}
