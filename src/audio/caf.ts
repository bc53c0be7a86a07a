/** Apple's Core Audio Format ("Core Audio Format Specification 1.0"): linear PCM, A-law, mu-law and IMA ADPCM in it. */
import { HearkenError } from '../errors.ts';
import type { BlockCodec } from './block-decoder.ts';
import { appleCodecName, unsupportedCodec } from './codec-names.ts';
import { ima4 } from './ima-adpcm.ts';
import { floatEncoding, integerEncoding, type SampleEncoding } from './sample-encoding.ts';
import { isSampleRate, nameAt, SAMPLE_RATES, skip, type SoundFormat, type Stage, trailing } from './stages.ts';

const FILE_HEADER_BYTES = 8;
const CHUNK_HEADER_BYTES = 12;
const DESCRIPTION_BYTES = 32;
/** `data` begins with a count of edits. */
const EDIT_COUNT_BYTES = 4;
/** The head of `pakt`: of packets, of frames in them that are sound, of those before, and after. */
const PACKET_TABLE_BYTES = 24;
const HIGHEST_CHANNEL_COUNT = 65_535;
/** Bits of the flags of linear PCM. */
const FLAGS = { float: 1, littleEndian: 2 };

/** What the chunks read so far have said. */
type Seen = {
  readonly format?: SoundFormat;
  /** Number of frames that the chunk `pakt` gives. */ readonly frameCount?: number;
  /** Whether samples have been seen. */ readonly hasSound?: true;
};

/** Stages throw `caf/not-caf`, `caf/format`, `caf/unsupported` or `caf/no-format`. */
export function expectCaf(): Stage {
  return {
    kind: 'collect',
    what: 'a CAF header',
    length: FILE_HEADER_BYTES,
    next: (view) => {
      if (nameAt(view, 0) !== 'caff') {
        throw new HearkenError('caf/not-caf', `Expected \`caff\` at byte 0, got \`${nameAt(view, 0)}\``);
      }
      expectField(view.getUint16(4) === 1, 'version 1 of CAF', view.getUint16(4), 4);
      return expectChunk({});
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
      const size = Number(view.getBigInt64(4));
      if (name === 'data') return enterSound(seen, size, position);
      if (seen.hasSound && (name === 'caff' || name.includes('.') || size < 0)) {
        return trailing('caf', position, CHUNK_HEADER_BYTES);
      }
      expectField(size >= 0, `a size of \`${name}\``, size, position + 4);
      if (name === 'desc' && seen.format === undefined) return expectDescription(seen, size, position + 4);
      if (name === 'pakt' && size >= PACKET_TABLE_BYTES) return expectPacketTable(seen, size);
      return skip(`a \`${name}\` chunk`, size, () => expectChunk(seen));
    },
  };
}

function expectDescription(seen: Seen, size: number, sizePosition: number): Stage {
  expectField(size >= DESCRIPTION_BYTES, `at least ${DESCRIPTION_BYTES} bytes of \`desc\``, size, sizePosition);
  return {
    kind: 'collect',
    what: 'a `desc` chunk',
    length: DESCRIPTION_BYTES,
    next: (view, position) => {
      const format = parseDescription(view, position);
      return skip('a `desc` chunk', size - DESCRIPTION_BYTES, () => expectChunk({ ...seen, format }));
    },
  };
}

function parseDescription(view: DataView, position: number): SoundFormat {
  const sampleRate = view.getFloat64(0);
  const channelCount = view.getUint32(24);
  expectField(isSampleRate(sampleRate), SAMPLE_RATES, sampleRate, position);
  const channels = `1..${HIGHEST_CHANNEL_COUNT} channels`;
  expectField(channelCount >= 1 && channelCount <= HIGHEST_CHANNEL_COUNT, channels, channelCount, position + 24);
  return { sampleRate, channelCount, encoding: encodingOf(view, channelCount, position) };
}

function encodingOf(view: DataView, channelCount: number, position: number): SampleEncoding | BlockCodec {
  const code = nameAt(view, 8);
  switch (code) {
    case 'lpcm':
      return linearOf(view, channelCount, position);
    case 'alaw':
      return 'alaw';
    case 'ulaw':
      return 'mulaw';
    case 'ima4':
      return ima4({ channelCount });
    default:
      throw unsupportedCodec('caf', appleCodecName(code), position + 8);
  }
}

/** Samples fill whole bytes from the top. */
function linearOf(view: DataView, channelCount: number, position: number): SampleEncoding {
  const flags = view.getUint32(12);
  const isLittleEndian = (flags & FLAGS.littleEndian) !== 0;
  const sampleBytes = view.getUint32(16) / channelCount;
  const bits = view.getUint32(28);
  const isFloat = (flags & FLAGS.float) !== 0;
  const encoding = isFloat ? floatEncoding(bits, isLittleEndian) : integerEncoding(sampleBytes, isLittleEndian);
  const fits = bits >= 1 && bits <= 8 * sampleBytes && (!isFloat || bits === 8 * sampleBytes);
  if (encoding === undefined || !fits) {
    const expected = 'Expected integers in 1..4 bytes or floats in 4 or 8';
    throw new HearkenError(
      'caf/format',
      `${expected}, got ${bits} bits in ${sampleBytes} bytes at byte ${position + 16}`,
    );
  }
  return encoding;
}

function expectPacketTable(seen: Seen, size: number): Stage {
  return {
    kind: 'collect',
    what: 'a `pakt` chunk',
    length: PACKET_TABLE_BYTES,
    next: (view) => {
      const frameCount = Number(view.getBigInt64(8));
      return skip('a `pakt` chunk', size - PACKET_TABLE_BYTES, () => expectChunk({ ...seen, frameCount }));
    },
  };
}

/** A size of -1 says that the samples go on to the end of the file, one of 0 was never written. */
function enterSound(seen: Seen, size: number, position: number): Stage {
  const { format, frameCount } = seen;
  if (format === undefined) {
    throw new HearkenError(
      'caf/no-format',
      `Expected a \`desc\` chunk before the samples, got \`data\` at byte ${position}`,
    );
  }
  const length = size >= EDIT_COUNT_BYTES ? size - EDIT_COUNT_BYTES : Number.POSITIVE_INFINITY;
  return skip('a count of edits', EDIT_COUNT_BYTES, () => ({
    kind: 'sound',
    format,
    length,
    frameCount,
    next: () => expectChunk({ ...seen, hasSound: true }),
  }));
}

function expectField(holds: boolean, expected: string, got: number, position: number): void {
  if (!holds) throw new HearkenError('caf/format', `Expected ${expected}, got ${got} at byte ${position}`);
}
