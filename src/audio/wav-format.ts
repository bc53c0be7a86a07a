import { HearkenError } from '../errors.ts';
import { bytesOf, type SampleEncoding } from './sample-encoding.ts';

/** What a WAV file says of its samples. */
export type WavFormat = {
  /** Hz, 1..768000 */ readonly sampleRate: number;
  readonly channelCount: number;
  readonly encoding: SampleEncoding;
};

/** Bytes of a `fmt ` chunk that carry meaning, from the smallest kind to WAVE_FORMAT_EXTENSIBLE. */
export const FORMAT_CHUNK_BYTES: { readonly smallest: number; readonly extensible: number } = {
  smallest: 16,
  extensible: 40,
};

const PCM = 0x0001;
const FLOAT = 0x0003;
const A_LAW = 0x0006;
const MU_LAW = 0x0007;
const EXTENSIBLE = 0xfffe;
/** Bytes 2..15 of `KSDATAFORMAT_SUBTYPE_*`; the two before them are an old format tag. */
const SUBTYPE_TAIL = '000000001000800000aa00389b71';
const SUBTYPE_OFFSET = 24;

/**
 * Reads the content of a `fmt ` chunk (its first 16 to 40 bytes), which starts at byte `position` of the file.
 *
 * Throws `wav/format` on fields that are false or contradict each other, `wav/unsupported` on other codecs.
 */
export function parseWavFormat(chunk: DataView, position: number): WavFormat {
  const channelCount = chunk.getUint16(2, true);
  const sampleRate = chunk.getUint32(4, true);
  const blockBytes = chunk.getUint16(12, true);
  const bits = chunk.getUint16(14, true);
  expectField(channelCount >= 1, 'at least one channel', channelCount, position + 2);
  expectField(sampleRate >= 1 && sampleRate <= 768_000, 'a sample rate in 1..768000 Hz', sampleRate, position + 4);
  const encoding = encodingOf(chunk, bits, blockBytes / channelCount, position);
  const frameBytes = bytesOf(encoding) * channelCount;
  const frame = `${frameBytes} bytes for ${channelCount} channels of ${encoding}`;
  expectField(blockBytes === frameBytes, frame, blockBytes, position + 12);
  return { sampleRate, channelCount, encoding };
}

function encodingOf(chunk: DataView, bits: number, sampleBytes: number, position: number): SampleEncoding {
  const { tag, tagPosition } = readTag(chunk, position);
  switch (tag) {
    case PCM:
      return integerEncoding(bits, sampleBytes, position);
    case FLOAT:
      expectField(bits === 32 || bits === 64, '32 or 64 bits of a float', bits, position + 14);
      return bits === 32 ? 'f32le' : 'f64le';
    case A_LAW:
    case MU_LAW:
      expectField(bits === 8, '8 bits of a G.711 sample', bits, position + 14);
      return tag === A_LAW ? 'alaw' : 'mulaw';
    default:
      throw new HearkenError(
        'wav/unsupported',
        `Expected PCM, float, A-law or mu-law samples, got format 0x${hex(tag, 4)} at byte ${tagPosition}`,
      );
  }
}

/** Integers fill whole bytes from the top, so their container decides: 12 bits in two bytes are read as 16. */
function integerEncoding(bits: number, sampleBytes: number, position: number): SampleEncoding {
  expectField(bits >= 1 && bits <= 32, '1..32 bits of an integer', bits, position + 14);
  const container = Math.ceil(bits / 8) < sampleBytes && sampleBytes <= 4 ? sampleBytes : Math.ceil(bits / 8);
  switch (container) {
    case 1:
      return 'u8';
    case 2:
      return 's16le';
    case 3:
      return 's24le';
    default:
      return 's32le';
  }
}

function readTag(chunk: DataView, position: number): { tag: number; tagPosition: number } {
  const tag = chunk.getUint16(0, true);
  if (tag !== EXTENSIBLE) return { tag, tagPosition: position };
  const { extensible } = FORMAT_CHUNK_BYTES;
  expectField(
    chunk.byteLength >= extensible,
    `${extensible} bytes of an extensible format`,
    chunk.byteLength,
    position,
  );
  const tail = Array.from({ length: 14 }, (_, index) => hex(chunk.getUint8(SUBTYPE_OFFSET + 2 + index), 2)).join('');
  if (tail !== SUBTYPE_TAIL) {
    const at = position + SUBTYPE_OFFSET;
    throw new HearkenError(
      'wav/unsupported',
      `Expected a wave subtype ending in ${SUBTYPE_TAIL}, got ${tail} at byte ${at}`,
    );
  }
  return { tag: chunk.getUint16(SUBTYPE_OFFSET, true), tagPosition: position + SUBTYPE_OFFSET };
}

function expectField(holds: boolean, expected: string, got: number, position: number): void {
  if (!holds) throw new HearkenError('wav/format', `Expected ${expected}, got ${got} at byte ${position}`);
}

function hex(value: number, digits: number): string {
  return value.toString(16).padStart(digits, '0');
}
