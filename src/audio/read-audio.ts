import { assertInteger, HearkenError } from '../errors.ts';
import { type ByteSource, type ByteStream, inPieces, peek, readFileBytes } from './byte-stream.ts';
import { type ChannelsPiece, createMixer, type DecodedPiece, type InterleavedPiece, separate } from './channels.ts';
import { CONVERSION_HINT } from './codec-names.ts';
import {
  type Container,
  CONTAINER_HEAD_BYTES,
  containerOf,
  FRAMES_HEAD_BYTES,
  framesOf,
  mayBeFrames,
} from './container.ts';
import { decodeCompressed } from './decode-compressed.ts';
import { type ChannelChoice, type ChannelSelection, decodePcm, type PcmOptions } from './pcm.ts';
import { createResampler, type Resampler } from './resample.ts';
import { readSoundFile } from './sound-file.ts';

export type DamageOptions = {
  /**
   * Told once where a recording of which something could be heard is not whole: its end is missing (codes ending in
   * `/truncated`), it is broken in the middle, or it holds something that is not heard. Every sample before that is
   * given, then the samples end as those of a whole recording do. Without it the same is thrown, after the same samples.
   */
  readonly onDamage?: (damage: HearkenError) => void;
};

export type DecodeAudioOptions = DamageOptions & {
  /** Which channel is given. Default `'mix'`: the mean of all channels. */ readonly channel?: ChannelChoice;
  /** Told at the recording's end where mixing has taken nearly everything away: `audio/cancelled`. */
  readonly onWarning?: (warning: HearkenError) => void;
};

export type ReadAudioOptions = DecodeAudioOptions & {
  /** Sample rate of the output in Hz, 4000..768000. */ readonly sampleRate: number;
};

/** How raw samples are written. */
export type RawOptions = Omit<PcmOptions, 'channel' | 'byteOffset'> & {
  /** Sample rate of the bytes in Hz, 4000..768000. */ readonly inputRate: number;
};

export type ReadPcmOptions = ReadAudioOptions & RawOptions;

type ChannelOptions = { [Name in 'channel' | 'onWarning']?: DecodeAudioOptions[Name] | undefined };

/** Pieces of all channels, or of the one that was chosen. */
type Pieces = AsyncGenerator<InterleavedPiece, void, undefined>;

/** The most bytes that are decoded at a time, so that the output is bounded too. */
const PIECE_BYTES = 32_768;
/** Range of sample rates in Hz that the resampler takes. */
const RATES = { lowest: 4000, highest: 768_000 };

/**
 * One channel of a recording (a file by its path, or bytes) at the wanted rate, in pieces; memory does not grow with its
 * length. WAV, AIFF, AU, CAF and W64 are read here; FLAC, MP3, Ogg, Opus, AAC, M4A, WebM, WMA and AMR through the optional
 * peer `audio-decode`. Ending the iteration early closes the source.
 *
 * Throws, beside what `readSoundFile` throws, `audio/no-file`, `audio/is-directory`, `audio/unreadable`,
 * `audio/unknown-container`, `audio/sample-rate`, `audio/needs-audio-decode`, `audio/undecodable` and `audio/channel`.
 */
export async function* readAudio(
  source: string | ByteSource,
  options: ReadAudioOptions,
): AsyncGenerator<Float32Array, void, undefined> {
  const { sampleRate, onDamage, ...decodeOptions } = options;
  assertInteger('sampleRate', sampleRate, RATES.lowest, RATES.highest);
  yield* untilDamage(atRate(decodeAudio(source, decodeOptions), sampleRate), (samples) => samples.length, onDamage);
}

/**
 * Reads a recording as `readAudio` does, but at the rate of the recording; pieces hold 32 KiB of it, or what one frame
 * of a codec does.
 */
export async function* decodeAudio(
  source: string | ByteSource,
  options: DecodeAudioOptions = {},
): AsyncGenerator<DecodedPiece, void, undefined> {
  const { onDamage, ...decodeOptions } = options;
  const pieces = oneChannel((channel) => containerPieces(source, channel), decodeOptions);
  yield* untilDamage(pieces, ({ samples }) => samples.length, onDamage);
}

/** Reads a recording as `decodeAudio` does, each channel for itself. Throws `audio/too-many-channels`, too. */
export async function* decodeChannels(
  source: string | ByteSource,
  { onDamage }: DamageOptions = {},
): AsyncGenerator<ChannelsPiece, void, undefined> {
  yield* untilDamage(eachChannel(containerPieces(source, 'all')), lengthOfChannels, onDamage);
}

/** Raw samples without a header (from standard input, say) at the wanted rate. Throws as `decodePcm` does. */
export function readPcm(source: ByteSource, options: ReadPcmOptions): AsyncGenerator<Float32Array, void, undefined> {
  const { sampleRate, channel, onDamage, onWarning, ...raw } = options;
  assertInteger('sampleRate', sampleRate, RATES.lowest, RATES.highest);
  assertInteger('inputRate', raw.inputRate, RATES.lowest, RATES.highest);
  const pieces = oneChannel((selection) => rawPieces(source, selection, raw), { channel, onWarning });
  return untilDamage(atRate(pieces, sampleRate), (samples) => samples.length, onDamage);
}

/** Reads raw samples as `readPcm` does, each channel for itself and at its own rate. */
export function readPcmChannels(
  source: ByteSource,
  { onDamage, ...raw }: RawOptions & DamageOptions,
): AsyncGenerator<ChannelsPiece, void, undefined> {
  assertInteger('inputRate', raw.inputRate, RATES.lowest, RATES.highest);
  return untilDamage(eachChannel(rawPieces(source, 'all', raw)), lengthOfChannels, onDamage);
}

async function* containerPieces(source: string | ByteSource, channel: ChannelSelection): Pieces {
  const bytes = inPieces(typeof source === 'string' ? readFileBytes(source) : source, PIECE_BYTES);
  try {
    const { container, whole } = await detectContainer(bytes);
    yield* container.by === 'read'
      ? readSoundFile(whole, { container: container.name, channel })
      : decodeCompressed(whole, { container: container.name, channel });
  } finally {
    await bytes.return(); // also where the head was refused
  }
}

async function* rawPieces(source: ByteSource, channel: ChannelSelection, { inputRate, ...pcm }: RawOptions): Pieces {
  const channelCount = channel === 'all' ? (pcm.channelCount ?? 1) : 1;
  for await (const samples of decodePcm(inPieces(source, PIECE_BYTES), { ...pcm, channel })) {
    yield { sampleRate: inputRate, channelCount, samples };
  }
}

/** One of the channels that `open` gives, or their mix. */
async function* oneChannel(
  open: (channel: ChannelSelection) => Pieces,
  { channel = 'mix', onWarning }: ChannelOptions,
): AsyncGenerator<DecodedPiece, void, undefined> {
  const mixer = createMixer();
  try {
    for await (const piece of assertSteady(open(channel === 'mix' ? 'all' : channel))) {
      yield { sampleRate: piece.sampleRate, samples: mixer.mix(piece) };
    }
  } finally {
    const loss = mixer.loss();
    if (loss !== undefined) onWarning?.(loss);
  }
}

async function* eachChannel(pieces: Pieces): AsyncGenerator<ChannelsPiece, void, undefined> {
  for await (const piece of assertSteady(pieces)) yield separate(piece);
}

/**
 * `pieces` as they are. Throws where the rate cannot be converted, or where the rate or the number of channels changes
 * in the middle, as some codecs allow.
 */
async function* assertSteady(pieces: Pieces): Pieces {
  let first: InterleavedPiece | undefined;
  for await (const piece of pieces) {
    const { sampleRate, channelCount } = piece;
    if (first === undefined) assertRate(sampleRate);
    first ??= piece;
    if (sampleRate !== first.sampleRate) {
      const expected = `Expected ${first.sampleRate} Hz to the end of the recording`;
      throw new HearkenError('audio/sample-rate', `${expected}, got ${sampleRate} Hz in it`);
    }
    if (channelCount !== first.channelCount) {
      const expected = `Expected ${first.channelCount} channels to the end of the recording`;
      throw new HearkenError('audio/channel', `${expected}, got ${channelCount} in it`);
    }
    yield piece;
  }
}

function assertRate(sampleRate: number): void {
  if (Number.isInteger(sampleRate) && sampleRate >= RATES.lowest && sampleRate <= RATES.highest) return;
  const expected = `Expected a recording at a whole number of Hz in ${RATES.lowest}..${RATES.highest}`;
  throw new HearkenError('audio/sample-rate', `${expected}, got ${sampleRate} Hz`);
}

function lengthOfChannels({ channels: [first] }: ChannelsPiece): number {
  return first?.length ?? 0;
}

/** `pieces` until an error. One after the first sample ends them, and is given to `onDamage` where there is one. */
async function* untilDamage<T>(
  pieces: AsyncIterable<T>,
  lengthOf: (piece: T) => number,
  onDamage: DamageOptions['onDamage'],
): AsyncGenerator<T, void, undefined> {
  let isEmpty = true;
  try {
    for await (const piece of pieces) {
      if (lengthOf(piece) > 0) isEmpty = false;
      yield piece;
    }
  } catch (error) {
    if (onDamage === undefined || isEmpty || !(error instanceof HearkenError)) throw error;
    onDamage(error);
  }
}

/** The pieces converted to another rate. Throws what `pieces` throw, after all that came before. */
async function* atRate(
  pieces: AsyncIterable<DecodedPiece>,
  outputRate: number,
): AsyncGenerator<Float32Array, void, undefined> {
  let resampler: Resampler | undefined;
  let damage: HearkenError | undefined;
  try {
    for await (const { sampleRate, samples } of pieces) {
      resampler ??= createResampler({ inputRate: sampleRate, outputRate });
      const outputs = resampler.push(samples);
      if (outputs.length > 0) yield outputs;
    }
  } catch (error) {
    if (!(error instanceof HearkenError)) throw error;
    damage = error;
  }
  const rest = resampler?.flush();
  if (rest !== undefined && rest.length > 0) yield rest;
  if (damage !== undefined) throw damage;
}

type RecognizedContainer = {
  readonly container: Exclude<Container, { by: 'unread' }>;
  /** All bytes of the recording, those included that were looked at. */ readonly whole: ByteStream;
};

async function detectContainer(bytes: ByteStream): Promise<RecognizedContainer> {
  const start = await peek(bytes, CONTAINER_HEAD_BYTES);
  const container = containerOf(start.head);
  if (container?.by === 'unread') {
    const expected = `Expected ${READABLE}`;
    throw new HearkenError('audio/unread-container', `${expected}, got ${container.name}; ${CONVERSION_HINT}`);
  }
  if (container !== undefined) return { container, whole: start.whole };
  if (!mayBeFrames(start.head)) throw unknownContainer(start.head);
  const longer = await peek(start.whole, FRAMES_HEAD_BYTES);
  const frames = framesOf(longer.head);
  if (frames === undefined || frames.by === 'unread') throw unknownContainer(start.head);
  return { container: frames, whole: longer.whole };
}

const READABLE = 'audio (WAV, AIFF, AU, CAF, W64, FLAC, MP3, Ogg, Opus, AAC, M4A, WebM, WMA or AMR)';

function unknownContainer(head: Uint8Array): HearkenError {
  if (head.length === 0) return new HearkenError('audio/unknown-container', `Expected ${READABLE}, got an empty file`);
  const start = String.fromCharCode(...head.subarray(0, 16)).replace(/[^ -~]/g, '.');
  const got = `got a file that starts with \`${start}\``;
  return new HearkenError('audio/unknown-container', `Expected ${READABLE}, ${got}; ${CONVERSION_HINT}`);
}
