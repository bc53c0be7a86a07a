/** AIFF, and AIFC with the codecs that Apple put into it ("Audio Interchange File Format AIFF-C", 1991, and QuickTime's). */
import { HearkenError } from '../errors.ts';
import type { BlockCodec } from './block-decoder.ts';
import { appleCodecName, unsupportedCodec } from './codec-names.ts';
import { gsmFrames } from './gsm.ts';
import { ima4 } from './ima-adpcm.ts';
import { bytesOf, floatEncoding, integerEncoding, type SampleEncoding } from './sample-encoding.ts';
import {
  isSampleRate,
  isUnknownSize,
  nameAt,
  SAMPLE_RATES,
  skip,
  type SoundFormat,
  type Stage,
  trailing,
} from './stages.ts';

const FORM_HEADER_BYTES = 12;
const CHUNK_HEADER_BYTES = 8;
/** `COMM` as far as it is read: AIFC has the codec after what AIFF has. */
const COMMON_BYTES = { AIFF: 18, AIFC: 22 };
/** `SSND` begins with an offset and a block size. */
const SOUND_HEADER_BYTES = 8;

type Form = 'AIFF' | 'AIFC';

/** What the chunks read so far have said. */
type Seen = {
  readonly form: Form;
  readonly formSize: number;
  readonly common?: Common;
  /** Whether samples have been seen. */ readonly hasSound?: true;
};

type Common = {
  readonly format: SoundFormat;
  /** Length in bytes of the samples that the count of frames in `COMM` stands for. */ readonly length: number;
};

/** Stages throw `aiff/not-aiff`, `aiff/format`, `aiff/unsupported` or `aiff/no-format`. */
export function expectAiff(): Stage {
  return {
    kind: 'collect',
    what: 'a FORM header',
    length: FORM_HEADER_BYTES,
    next: (view) => {
      const [container, form] = [nameAt(view, 0), nameAt(view, 8)];
      if (container !== 'FORM' || (form !== 'AIFF' && form !== 'AIFC')) {
        const expected = 'Expected `FORM` and `AIFF` or `AIFC` at byte 0';
        throw new HearkenError('aiff/not-aiff', `${expected}, got \`${container}\` and \`${form}\``);
      }
      return expectChunk({ form, formSize: view.getUint32(4) });
    },
  };
}

function expectChunk(seen: Seen): Stage {
  return {
    kind: 'collect',
    what: 'a chunk header (no samples yet)',
    length: CHUNK_HEADER_BYTES,
    next: (view, position) => {
      const name = nameAt(view, 0);
      const size = view.getUint32(4);
      if (name === 'SSND') return expectSound(seen, size, position);
      if (seen.hasSound && (name === 'FORM' || name.includes('.')))
        return trailing('aiff', position, CHUNK_HEADER_BYTES);
      if (name === 'COMM' && seen.common === undefined) return expectCommon(seen, size, position + 4);
      return skip(`a \`${name}\` chunk`, padded(size), () => expectChunk(seen));
    },
  };
}

function expectCommon(seen: Seen, size: number, sizePosition: number): Stage {
  const length = COMMON_BYTES[seen.form];
  expectField(size >= length, `at least ${length} bytes of \`COMM\``, size, sizePosition);
  return {
    kind: 'collect',
    what: 'a `COMM` chunk',
    length,
    next: (view, position) => {
      const common = parseCommon(view, position, seen.form);
      return skip('a `COMM` chunk', padded(size) - length, () => expectChunk({ ...seen, common }));
    },
  };
}

function parseCommon(view: DataView, position: number, form: Form): Common {
  const channelCount = view.getUint16(0);
  const frameCount = view.getUint32(2);
  const bits = view.getUint16(6);
  const sampleRate = extendedAt(view, 8);
  expectField(channelCount >= 1, 'at least one channel', channelCount, position);
  expectField(isSampleRate(sampleRate), SAMPLE_RATES, sampleRate, position + 8);
  const code = form === 'AIFF' ? 'NONE' : nameAt(view, 18);
  const encoding = encodingOf(code, { channelCount, bits, position });
  const frameBytes = typeof encoding === 'string' ? bytesOf(encoding) * channelCount : encoding.blockBytes;
  return { format: { sampleRate, channelCount, encoding }, length: frameCount * frameBytes };
}

type Fields = { readonly channelCount: number; readonly bits: number; readonly position: number };

function encodingOf(code: string, { channelCount, bits, position }: Fields): SampleEncoding | BlockCodec {
  switch (code) {
    case 'NONE':
    case 'twos':
    case 'sowt':
      return integersOf(bits, code === 'sowt', position);
    case 'raw ':
      if (bits <= 8) return 'u8';
      throw unsupportedCodec('aiff', `unsigned integers of ${bits} bits (\`raw \`)`, position + 18);
    case 'in24':
    case '42ni':
      return code === 'in24' ? 's24be' : 's24le';
    case 'in32':
    case '23ni':
      return code === 'in32' ? 's32be' : 's32le';
    case 'fl32':
    case 'FL32':
      return floatEncoding(32, false)!; // there is one of 32 bits
    case 'fl64':
    case 'FL64':
      return floatEncoding(64, false)!; // and one of 64
    case 'ulaw':
    case 'ULAW':
      return 'mulaw';
    case 'alaw':
    case 'ALAW':
      return 'alaw';
    case 'ima4':
      return ima4({ channelCount });
    case 'GSM ':
    case 'agsm':
      expectField(channelCount === 1, 'one channel of GSM 6.10', channelCount, position);
      return gsmFrames;
    default:
      throw unsupportedCodec('aiff', appleCodecName(code), position + 18);
  }
}

/** Signed, from the top of as many bytes as they need. */
function integersOf(bits: number, isLittleEndian: boolean, position: number): SampleEncoding {
  const encoding = integerEncoding(Math.ceil(bits / 8), isLittleEndian);
  if (encoding === undefined) {
    throw new HearkenError('aiff/format', `Expected 1..32 bits of an integer, got ${bits} at byte ${position + 6}`);
  }
  return encoding;
}

function expectSound(seen: Seen, size: number, position: number): Stage {
  if (seen.common === undefined) {
    throw new HearkenError(
      'aiff/no-format',
      `Expected a \`COMM\` chunk before the samples, got \`SSND\` at byte ${position}`,
    );
  }
  const { format } = seen.common;
  return {
    kind: 'collect',
    what: 'an `SSND` header',
    length: SOUND_HEADER_BYTES,
    next: (view, start) => {
      const offset = view.getUint32(0);
      const length = soundLength(seen, size, { start: start + SOUND_HEADER_BYTES, offset });
      const after = () => expectChunk({ ...seen, hasSound: true });
      const sound: Stage = { kind: 'sound', format, length, next: () => skip('padding', size % 2, after) };
      return skip('what stands before the samples', offset, () => sound);
    },
  };
}

type SoundPlace = { /** After the header of `SSND`. */ readonly start: number; readonly offset: number };

/**
 * The size of `SSND` decides where it is one. Where it was never written, the count of frames does, and where that is 0 too,
 * the size of the whole tells a file without sound from one whose writer could not go back.
 */
function soundLength({ common, formSize }: Seen, size: number, { start, offset }: SoundPlace): number {
  const fromSize = size - SOUND_HEADER_BYTES - offset;
  if (fromSize > 0 && !isUnknownSize(size) && !isUnknownSize(size - SOUND_HEADER_BYTES)) return fromSize;
  const fromFrames = common?.length ?? 0;
  if (size !== 0 && fromSize <= 0 && fromFrames === 0 && formSize + CHUNK_HEADER_BYTES >= start) return 0;
  return fromFrames === 0 || isUnknownSize(size) ? Number.POSITIVE_INFINITY : fromFrames;
}

/** A number of 80 bits: sign and exponent, then a mantissa with its leading one. */
function extendedAt(view: DataView, offset: number): number {
  const exponent = view.getUint16(offset) & 0x7fff;
  const mantissa = Number(view.getBigUint64(offset + 2)) / 2 ** 63;
  const size = mantissa * 2 ** (exponent - 16_383);
  return view.getUint8(offset) >= 128 ? -size : size;
}

/** Chunks start at even bytes. */
function padded(size: number): number {
  return size + (size % 2);
}

function expectField(holds: boolean, expected: string, got: number, position: number): void {
  if (!holds) throw new HearkenError('aiff/format', `Expected ${expected}, got ${got} at byte ${position}`);
}
