/** The channels of a recording: which of them are heard, mixed or each alone, and what mixing takes away. */
import { HearkenError } from '../errors.ts';

/**
 * Which channels of a recording to use: one by its index from 0 (`left` is 0, `right` 1), each for itself, or the mean
 * of all.
 */
export type ChannelOption = 'mix' | 'each' | 'left' | 'right' | number;

/** A piece of a recording, all its channels sample by sample. */
export type InterleavedPiece = {
  /** Sample rate of the piece, in Hz. */ readonly sampleRate: number;
  readonly channelCount: number;
  /** Samples `[n, channelCount]` of all channels, in -1..1. */ readonly samples: Float32Array;
};

/** A piece of a recording after its channels were chosen: one channel, or a mix. */
export type DecodedPiece = Omit<InterleavedPiece, 'channelCount'>;

/** A piece of a recording, one array a channel, equally long. */
export type ChannelsPiece = { readonly sampleRate: number; readonly channels: readonly Float32Array[] };

/** The most channels that are transcribed each for itself: each costs as much as a recording of its own. */
const MOST_HEARD_ALONE = 16;
/**
 * Power of a mix times the number of channels, over the mean power of the channels: 1 for sounds that have nothing to do with each
 * other, the number of channels for the same sound in all, 0 for opposites. Below a tenth speech is lost.
 */
const LEAST_LEFT = 0.1;
/** Mean power below which channels hold no speech that could be lost: -80 dBFS. */
const QUIET_POWER = 1e-8;

/** `option` with indices in place of `left` and `right`. */
export function indexedChannel(option: ChannelOption): 'mix' | 'each' | number {
  if (option === 'left') return 0;
  return option === 'right' ? 1 : option;
}

export function interleave(channels: readonly Float32Array[]): Float32Array {
  const { length } = channels[0] ?? [];
  const samples = new Float32Array(length * channels.length);
  for (const [channel, values] of channels.entries()) {
    for (let index = 0; index < length; index++) {
      samples[index * channels.length + channel] = values[index]!; // equally long
    }
  }
  return samples;
}

/**
 * Splits a piece into its channels. Throws `audio/too-many-channels` where there are more than can be transcribed each
 * for itself.
 */
export function separate({ sampleRate, channelCount, samples }: InterleavedPiece): ChannelsPiece {
  if (channelCount > MOST_HEARD_ALONE) {
    const expected = `Expected at most ${MOST_HEARD_ALONE} channels to hear each alone`;
    throw new HearkenError('audio/too-many-channels', `${expected}, got ${channelCount}`);
  }
  const length = samples.length / channelCount;
  const channels = Array.from({ length: channelCount }, (_, channel) =>
    Float32Array.from({ length }, (__, index) => samples[index * channelCount + channel]!),
  );
  return { sampleRate, channels };
}

/** A recording's channels on their way into one. */
export type Mixer = {
  /** The mean `[n]` of all channels. */ readonly mix: (piece: InterleavedPiece) => Float32Array;
  /** How much of the channels' power mixing has taken away so far; undefined unless that is nearly everything. */
  readonly loss: () => HearkenError | undefined;
};

export function createMixer(): Mixer {
  let count = 0;
  let channelCount = 1;
  const mixed = { sum: 0, squares: 0 };
  const alone = { sums: new Float64Array(1), squares: 0 };
  return {
    mix: (piece) => {
      if (piece.channelCount === 1) return piece.samples;
      const { samples } = piece;
      if (count === 0) {
        ({ channelCount } = piece);
        alone.sums = new Float64Array(channelCount);
      }
      const outputs = new Float32Array(samples.length / channelCount);
      for (let index = 0, at = 0; index < outputs.length; index++) {
        let sum = 0;
        for (let channel = 0; channel < channelCount; channel++, at++) {
          const sample = samples[at]!; // below its length
          sum += sample;
          alone.squares += sample * sample;
          alone.sums[channel] = alone.sums[channel]! + sample;
        }
        const mean = sum / channelCount;
        outputs[index] = mean;
        mixed.sum += mean;
        mixed.squares += mean * mean;
      }
      count += outputs.length;
      return outputs;
    },
    loss: () => {
      if (channelCount === 1 || count === 0) return undefined;
      // Without the constant part: it is not heard, and two inverted channels may well share one.
      const constant = alone.sums.reduce((total, sum) => total + (sum / count) ** 2, 0);
      const powerAlone = (alone.squares / count - constant) / channelCount;
      const powerMixed = mixed.squares / count - (mixed.sum / count) ** 2;
      const left = (channelCount * powerMixed) / powerAlone;
      if (powerAlone < QUIET_POWER || left >= LEAST_LEFT) return undefined;
      return new HearkenError('audio/cancelled', cancellation(channelCount, powerMixed / powerAlone));
    },
  };
}

function cancellation(channelCount: number, left: number): string {
  const share = `${(100 * Math.max(0, left)).toFixed(1)} % of their power is left`;
  return `Expected ${channelCount} channels to mix, got some that cancel each other (${share}): hear one channel, or each`;
}
