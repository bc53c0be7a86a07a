/** The `fmt ` chunk that WAV and W64 have in common. */
import { HearkenError } from '../errors.ts';
import type { BlockCodec } from './block-decoder.ts';
import { unsupportedCodec, waveCodecName } from './codec-names.ts';
import { gsmPairs } from './gsm.ts';
import { imaAdpcm } from './ima-adpcm.ts';
import { type Coefficients, msAdpcm, USUAL_COEFFICIENTS } from './ms-adpcm.ts';
import { bytesOf, floatEncoding, integerEncoding, type SampleEncoding } from './sample-encoding.ts';
import { isSampleRate, SAMPLE_RATES, type SoundFormat } from './stages.ts';

/** The shortest `fmt ` chunk. */
export const SHORTEST_FORMAT_BYTES = 16;

const PCM = 0x0001;
const MS_ADPCM = 0x0002;
const FLOAT = 0x0003;
const A_LAW = 0x0006;
const MU_LAW = 0x0007;
const IMA_ADPCM = 0x0011;
const GSM = 0x0031;
const EXTENSIBLE = 0xfffe;
const EXTENSIBLE_BYTES = 40;
/** `KSDATAFORMAT_SUBTYPE_*` after the old format tag that it starts with; sox writes the rest so in `RIFX` too. */
const SUBTYPE_OFFSET = 24;
const SUBTYPE_TAIL = '000000001000800000aa00389b71';
const BIG_ENDIAN_SUBTYPE_TAIL = '00000010800000aa00389b71';
/**
 * Positions of the fields in which ADPCM says how many frames a block has and, Microsoft's, which coefficients it uses.
 */
const ADPCM = { frames: 18, coefficientCount: 20, coefficients: 22 };

/** Fields that every `fmt ` chunk has. */
type Fields = {
  readonly chunk: DataView;
  /** Position in the file of the chunk's content, in bytes. */ readonly position: number;
  readonly isLittleEndian: boolean;
  readonly channelCount: number;
  readonly blockBytes: number;
  readonly bits: number;
};

/**
 * Reads the content of a `fmt ` chunk, which starts at byte `position` of the file.
 *
 * Throws `wav/format` on fields that are false or contradict each other, `wav/unsupported` on other codecs.
 */
export function parseWaveFormat(chunk: DataView, position: number, isLittleEndian = true): SoundFormat {
  const channelCount = chunk.getUint16(2, isLittleEndian);
  const sampleRate = chunk.getUint32(4, isLittleEndian);
  const blockBytes = chunk.getUint16(12, isLittleEndian);
  const bits = chunk.getUint16(14, isLittleEndian);
  expectField(channelCount >= 1, 'at least one channel', channelCount, position + 2);
  expectField(isSampleRate(sampleRate), SAMPLE_RATES, sampleRate, position + 4);
  const encoding = encodingOf({ chunk, position, isLittleEndian, channelCount, blockBytes, bits });
  if (typeof encoding === 'string') {
    const frameBytes = bytesOf(encoding) * channelCount;
    const frame = `${frameBytes} bytes for ${channelCount} channels of ${encoding}`;
    expectField(blockBytes === frameBytes, frame, blockBytes, position + 12);
  }
  return { sampleRate, channelCount, encoding };
}

function encodingOf(fields: Fields): SampleEncoding | BlockCodec {
  const { bits, position, isLittleEndian } = fields;
  const { tag, tagPosition } = readTag(fields);
  switch (tag) {
    case PCM:
      return integersOf(fields);
    case FLOAT: {
      const encoding = floatEncoding(bits, isLittleEndian);
      expectField(encoding !== undefined, '32 or 64 bits of a float', bits, position + 14);
      return encoding;
    }
    case A_LAW:
    case MU_LAW:
      expectField(bits === 8, '8 bits of a G.711 sample', bits, position + 14);
      return tag === A_LAW ? 'alaw' : 'mulaw';
    case GSM:
    case IMA_ADPCM:
    case MS_ADPCM:
      if (isLittleEndian) return blockCodecOf(tag, fields);
      throw unsupportedCodec('wav', 'compressed samples in big-endian `RIFX`', tagPosition);
    default:
      throw unsupportedCodec('wav', waveCodecName(tag), tagPosition);
  }
}

/** Integers fill whole bytes from the top, so their container decides: 12 bits in two bytes are read as 16. */
function integersOf({ bits, blockBytes, channelCount, position, isLittleEndian }: Fields): SampleEncoding {
  expectField(bits >= 1 && bits <= 32, '1..32 bits of an integer', bits, position + 14);
  const fewest = Math.ceil(bits / 8);
  const sampleBytes = blockBytes / channelCount;
  const container = fewest < sampleBytes && sampleBytes <= 4 ? Math.ceil(sampleBytes) : fewest;
  return container === 1 ? 'u8' : integerEncoding(container, isLittleEndian)!; // 2..4 bytes
}

function blockCodecOf(tag: number, { chunk, position, channelCount, blockBytes, bits }: Fields): BlockCodec {
  if (tag === GSM) {
    expectField(channelCount === 1, 'one channel of GSM 6.10', channelCount, position + 2);
    expectField(blockBytes === gsmPairs.blockBytes, '65 bytes of a GSM 6.10 block', blockBytes, position + 12);
    return gsmPairs;
  }
  expectField(bits === 4, '4 bits of an ADPCM sample', bits, position + 14);
  const coefficients = tag === MS_ADPCM ? coefficientsOf(chunk, position) : [];
  const codecOf = (blockFrames: number): BlockCodec => {
    const options = { channelCount, blockBytes, blockFrames, coefficients };
    return tag === MS_ADPCM ? msAdpcm(options) : imaAdpcm(options);
  };
  const capacity = codecOf(Number.POSITIVE_INFINITY).frameCountOf(blockBytes);
  const header = `a block of ADPCM for ${channelCount} channels`;
  expectField(capacity > 0, header, blockBytes, position + 12);
  const blockFrames = chunk.byteLength >= ADPCM.frames + 2 ? chunk.getUint16(ADPCM.frames, true) : 0;
  const fitting = `at most ${capacity} frames in ${blockBytes} bytes`;
  expectField(blockFrames <= capacity, fitting, blockFrames, position + ADPCM.frames);
  return codecOf(blockFrames === 0 ? capacity : blockFrames);
}

function coefficientsOf(chunk: DataView, position: number): readonly Coefficients[] {
  const { coefficientCount, coefficients } = ADPCM;
  const count = chunk.byteLength >= coefficients ? chunk.getUint16(coefficientCount, true) : 0;
  if (count === 0) return USUAL_COEFFICIENTS;
  const length = chunk.byteLength - coefficients;
  expectField(length >= 4 * count && count <= 256, `${count} pairs of coefficients`, length, position + coefficients);
  return Array.from({ length: count }, (_, index) => [
    chunk.getInt16(coefficients + 4 * index, true),
    chunk.getInt16(coefficients + 4 * index + 2, true),
  ]);
}

function readTag({ chunk, position, isLittleEndian }: Fields): { tag: number; tagPosition: number } {
  const tag = chunk.getUint16(0, isLittleEndian);
  if (tag !== EXTENSIBLE) return { tag, tagPosition: position };
  const expected = `${EXTENSIBLE_BYTES} bytes of an extensible format`;
  expectField(chunk.byteLength >= EXTENSIBLE_BYTES, expected, chunk.byteLength, position);
  const tagPosition = position + SUBTYPE_OFFSET;
  const bytes = Array.from({ length: 16 }, (_, index) => hex(chunk.getUint8(SUBTYPE_OFFSET + index), 2)).join('');
  if (bytes.endsWith(SUBTYPE_TAIL)) return { tag: chunk.getUint16(SUBTYPE_OFFSET, isLittleEndian), tagPosition };
  if (bytes.startsWith('0000') && bytes.endsWith(BIG_ENDIAN_SUBTYPE_TAIL)) {
    return { tag: chunk.getUint16(SUBTYPE_OFFSET + 2), tagPosition };
  }
  throw unsupportedCodec('wav', `samples of the unknown kind ${bytes}`, tagPosition);
}

function expectField(holds: boolean, expected: string, got: number, position: number): asserts holds {
  if (!holds) throw new HearkenError('wav/format', `Expected ${expected}, got ${got} at byte ${position}`);
}

function hex(value: number, digits: number): string {
  return value.toString(16).padStart(digits, '0');
}
