import { encode } from 'node-wav';

import { assertInteger, HearkenError } from '../errors.ts';
import { type ChannelSelection, createPcmDecoder, type PcmDecoder } from './pcm.ts';
import type { WavFormat } from './wav-format.ts';
import { createWavHeaderParser, type WavHeader } from './wav-header.ts';

export type WavOptions = {
  /** Default `'mix'`: the mean of all channels. */ readonly channel?: ChannelSelection;
};

/** A WAV file read from bytes that arrive in any pieces; memory does not grow with the file. */
export type WavReader = {
  /**
   * The samples of the chosen channel that `bytes` complete, in -1..1 for integer formats.
   *
   * Throws `wav/not-wav`, `wav/big-endian`, `wav/format`, `wav/unsupported`, `wav/no-format` or `wav/channel` on a
   * header, and `audio/non-finite-sample` on a sample, that cannot be used; messages name the byte.
   */
  readonly push: (bytes: Uint8Array) => Float32Array;
  /** Undefined until the header is complete. */
  readonly format: () => WavFormat | undefined;
  /** Throws `wav/truncated` if the file has ended too early. All samples before that have been given. */
  readonly end: () => void;
};

type Body = { readonly header: WavHeader; readonly decoder: PcmDecoder };

export function createWavReader(options: WavOptions = {}): WavReader {
  const { channel = 'mix' } = options;
  const parser = createWavHeaderParser();
  let body: Body | undefined;
  let received = 0; // bytes of samples

  return {
    push: (bytes) => {
      const used = body === undefined ? parser.push(bytes) : 0;
      const header = parser.header();
      if (header === undefined) return new Float32Array(0);
      body ??= { header, decoder: createDecoder(header, channel) };
      const taken = Math.min(header.dataLength - received, bytes.length - used);
      received += taken;
      return body.decoder.push(bytes.subarray(used, used + taken)); // what follows the samples is of no interest
    },
    format: () => body?.header.format,
    end: () => {
      if (body === undefined) throw parser.truncation();
      assertComplete(body, received);
    },
  };
}

function createDecoder({ format, dataStart }: WavHeader, channel: ChannelSelection): PcmDecoder {
  const { encoding, channelCount } = format;
  if (typeof channel === 'number' && !(Number.isInteger(channel) && channel >= 0 && channel < channelCount)) {
    const expected = `Expected \`channel\` to be 'mix' or an integer in 0..${channelCount - 1}`;
    throw new HearkenError('wav/channel', `${expected} (the file's channels), got ${channel}`);
  }
  return createPcmDecoder({ encoding, channelCount, channel, byteOffset: dataStart });
}

function assertComplete({ header, decoder }: Body, received: number): void {
  const { dataStart, dataLength } = header;
  const end = `the samples end at byte ${dataStart + received}`;
  if (received < dataLength && Number.isFinite(dataLength)) {
    const expected = `Expected ${dataLength} bytes of samples at byte ${dataStart}`;
    throw new HearkenError('wav/truncated', `${expected}, got ${received}: ${end}`);
  }
  const pending = decoder.pendingBytes();
  if (pending > 0) {
    throw new HearkenError('wav/truncated', `Expected whole samples, got ${pending} bytes of one more: ${end}`);
  }
}

export type WavRecording = {
  readonly format: WavFormat;
  /** One channel, in pieces no longer than the chunks of bytes allow. Throws as `WavReader` does. */
  readonly samples: AsyncGenerator<Float32Array, void, undefined>;
};

/** Reads as far as the header, then leaves the samples to be iterated. Throws as `WavReader` does. */
export async function readWav(
  chunks: AsyncIterable<Uint8Array> | Iterable<Uint8Array>,
  options: WavOptions = {},
): Promise<WavRecording> {
  const reader = createWavReader(options);
  const samples = readSamples(reader, chunks);
  await samples.next(); // the first result only says that the header is there
  const format = reader.format() as WavFormat; // complete: otherwise `next` has thrown `wav/truncated`
  return { format, samples };
}

async function* readSamples(
  reader: WavReader,
  chunks: AsyncIterable<Uint8Array> | Iterable<Uint8Array>,
): AsyncGenerator<Float32Array, void, undefined> {
  let isOpen = false;
  for await (const bytes of chunks) {
    const samples = reader.push(bytes);
    if (!isOpen && reader.format() !== undefined) {
      isOpen = true;
      yield new Float32Array(0);
    }
    if (samples.length > 0) yield samples;
  }
  reader.end();
}

export type WavEncodeOptions = {
  /** Hz, 1..768000 */ readonly sampleRate: number;
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
