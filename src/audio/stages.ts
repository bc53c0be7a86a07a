/**
 * Sound files as a row of stages: bytes to collect and interpret, bytes to pass over, and sound. Each container says what
 * its stages are; nothing but what a stage collects is kept, so memory does not grow with what a file claims.
 */
import { HearkenError } from '../errors.ts';
import type { BlockCodec } from './block-decoder.ts';
import type { SampleEncoding } from './sample-encoding.ts';

/** The area of the codes of errors of sound files, by their container: W64 is WAV with longer sizes. */
export type SoundFileArea = 'aiff' | 'au' | 'caf' | 'wav';

/** Format of the samples, as a file states it. */
export type SoundFormat = {
  /** Sample rate in Hz, 1..768000; not always whole. */ readonly sampleRate: number;
  readonly channelCount: number;
  /** Encoding of the samples, or the codec that packs them into blocks. */
  readonly encoding: SampleEncoding | BlockCodec;
};

/**
 * The next part of a file. `next` is given what was collected, if anything, and where this stage started in the file.
 */
export type Stage =
  | {
      readonly kind: 'collect' | 'skip';
      /** What is missing where the file ends in this stage, for messages. */ readonly what: string;
      /** Length of the stage in bytes; at most `LONGEST_COLLECTED` of what is collected. */ readonly length: number;
      readonly next: (view: DataView, position: number) => Stage;
    }
  | SoundStage
  | {
      /** Nothing more is read. */ readonly kind: 'rest';
      /** Asked at the end of the file: why `length` bytes (zeros at their end left out) should not have been passed over. */
      readonly damageOf: (length: number) => HearkenError | undefined;
    };

export type SoundStage = {
  readonly kind: 'sound';
  readonly format: SoundFormat;
  /** Length of the samples in bytes; infinite where the writer did not know, so that they last until the file ends. */
  readonly length: number;
  /** Frames of the whole sound as the file says it, where the last block is padded. */
  readonly frameCount?: number | undefined;
  readonly next: () => Stage;
};

export const LONGEST_COLLECTED = 2048;

export function skip(what: string, length: number, next: () => Stage): Stage {
  return { kind: 'skip', what, length, next };
}

/** The most bytes after the samples that are not worth a warning: tags, and what recorders fill their blocks with. */
const LONGEST_USUAL_TAG = 4096;

/**
 * The warning for bytes after the samples of a file of `area` that are no chunk; they start at `position`, and `read`
 * of them have been read. The recorder may have stopped before it wrote the right size, or another recording follows.
 */
export function trailing(area: SoundFileArea, position: number, read: number): Stage {
  return {
    kind: 'rest',
    damageOf: (length) => {
      if (length + read <= LONGEST_USUAL_TAG) return undefined;
      const expected = `Expected the recording to end at byte ${position}, as it says`;
      return new HearkenError(
        `${area}/trailing-bytes`,
        `${expected}, got ${length + read} more bytes, which are not heard`,
      );
    },
  };
}

/**
 * Sizes that writers put, beside 0, who do not know theirs yet: to a pipe, or before the recording ends (ffmpeg and mpg123,
 * sox, arecord, and recorders that set a great number). Some take the length of their header off.
 */
const UNKNOWN_SIZES: readonly number[] = [0xffff_ffff, 0x8000_0000, 0x7fff_ffff, 0x7fff_f000, 2_000_000_000];
const LONGEST_USUAL_HEADER = 128;

/** Whether a size of 32 bits says only that its writer did not know it. */
export function isUnknownSize(size: number): boolean {
  return UNKNOWN_SIZES.some((unknown) => size <= unknown && size > unknown - LONGEST_USUAL_HEADER);
}

/** Highest sample rate in Hz that is believed. */
const HIGHEST_SAMPLE_RATE = 768_000;

/** The allowed sample rates, for messages. */
export const SAMPLE_RATES: string = `a sample rate in 1..${HIGHEST_SAMPLE_RATE} Hz`;

export function isSampleRate(rate: number): boolean {
  return rate >= 1 && rate <= HIGHEST_SAMPLE_RATE;
}

/** Four bytes as text, with dots for what cannot be printed. */
export function nameAt(view: DataView, offset: number): string {
  const codes = [0, 1, 2, 3].map((index) => view.getUint8(offset + index));
  return codes.map((code) => (code >= 32 && code < 127 ? String.fromCharCode(code) : '.')).join('');
}
