/** Sony's Wave64: WAV with GUIDs for names, sizes of 64 bits that count the chunk's header, and chunks at multiples of 8. */
import { HearkenError } from '../errors.ts';
import { bytesOf } from './sample-encoding.ts';
import { LONGEST_COLLECTED, nameAt, skip, type SoundFormat, type Stage, trailing } from './stages.ts';
import { parseWaveFormat, SHORTEST_FORMAT_BYTES } from './wave-format.ts';

/** Hexadecimal bytes that follow the four letters in the GUID of `riff`, and those of all other chunks. */
const RIFF_TAIL = '2e91cf11a5d628db04c10000';
const CHUNK_TAIL = 'f3acd3118cd100c04f8edb8a';
const GUID_BYTES = 16;
const CHUNK_HEADER_BYTES = 24;
const FILE_HEADER_BYTES = CHUNK_HEADER_BYTES + GUID_BYTES;
const FACT_BYTES = 8;

/** What the chunks read so far have said. */
type Seen = {
  /** Number of frames that the chunk `fact` gives. */ readonly frameCount?: number;
  readonly format?: SoundFormat;
  /** Whether samples have been seen. */ readonly hasSound?: true;
};

/** Stages throw `wav/not-wav`, `wav/format`, `wav/unsupported` or `wav/no-format`. */
export function expectW64(): Stage {
  return {
    kind: 'collect',
    what: 'a Wave64 header',
    length: FILE_HEADER_BYTES,
    next: (view) => {
      const [riff, wave] = [guidAt(view, 0), guidAt(view, CHUNK_HEADER_BYTES)];
      if (riff !== `riff${RIFF_TAIL}` || wave !== `wave${CHUNK_TAIL}`) {
        throw new HearkenError(
          'wav/not-wav',
          `Expected the GUIDs \`riff\` and \`wave\` of Wave64, got ${riff} and ${wave}`,
        );
      }
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
      const guid = guidAt(view, 0);
      const size = Number(view.getBigUint64(GUID_BYTES, true)) - CHUNK_HEADER_BYTES; // of the content
      if (guid === `data${CHUNK_TAIL}`) return enterSound(seen, size, position);
      if (seen.hasSound && (size < 0 || !guid.endsWith(CHUNK_TAIL)))
        return trailing('wav', position, CHUNK_HEADER_BYTES);
      if (size < 0) {
        const expected = `Expected a chunk of at least ${CHUNK_HEADER_BYTES} bytes`;
        throw new HearkenError(
          'wav/format',
          `${expected}, got ${size + CHUNK_HEADER_BYTES} at byte ${position + GUID_BYTES}`,
        );
      }
      if (guid === `fmt ${CHUNK_TAIL}` && seen.format === undefined) return expectFormat(seen, size, position);
      if (guid === `fact${CHUNK_TAIL}` && size >= FACT_BYTES) return expectFrameCount(seen, size);
      return skip(`a \`${nameAt(view, 0)}\` chunk`, padded(size), () => expectChunk(seen));
    },
  };
}

function expectFormat(seen: Seen, size: number, position: number): Stage {
  if (size < SHORTEST_FORMAT_BYTES) {
    const expected = `Expected at least ${SHORTEST_FORMAT_BYTES} bytes of \`fmt \``;
    throw new HearkenError('wav/format', `${expected}, got ${size} at byte ${position + GUID_BYTES}`);
  }
  return {
    kind: 'collect',
    what: 'a `fmt ` chunk',
    length: Math.min(size, LONGEST_COLLECTED),
    next: (view, start) => {
      const format = parseWaveFormat(view, start);
      return skip('a `fmt ` chunk', padded(size) - view.byteLength, () => expectChunk({ ...seen, format }));
    },
  };
}

function expectFrameCount(seen: Seen, size: number): Stage {
  return {
    kind: 'collect',
    what: 'a `fact` chunk',
    length: FACT_BYTES,
    next: (view) => {
      const frameCount = Number(view.getBigUint64(0, true));
      return skip('a `fact` chunk', padded(size) - FACT_BYTES, () => expectChunk({ ...seen, frameCount }));
    },
  };
}

/** A size that is not even its header's was never written, and one that cannot be counted says that it is not known. */
function enterSound(seen: Seen, size: number, position: number): Stage {
  const { format, frameCount } = seen;
  if (format === undefined) {
    throw new HearkenError(
      'wav/no-format',
      `Expected a \`fmt \` chunk before the samples, got \`data\` at byte ${position}`,
    );
  }
  const length = size >= 0 && Number.isSafeInteger(size) ? size - paddingIn(size, format) : Number.POSITIVE_INFINITY;
  const after = () => expectChunk({ ...seen, hasSound: true });
  return { kind: 'sound', format, length, frameCount, next: () => skip('padding', padded(size) - length, after) };
}

/** ffmpeg counts the padding of the chunk too. */
function paddingIn(size: number, { encoding, channelCount }: SoundFormat): number {
  const rest = typeof encoding === 'string' ? size % (bytesOf(encoding) * channelCount) : 0;
  return rest < 8 ? rest : 0;
}

/** The GUID at `offset`: its first four bytes as text, the rest in hexadecimal. */
function guidAt(view: DataView, offset: number): string {
  const tail = Array.from({ length: GUID_BYTES - 4 }, (_, index) => view.getUint8(offset + 4 + index));
  return nameAt(view, offset) + tail.map((byte) => byte.toString(16).padStart(2, '0')).join('');
}

/** Chunks start at multiples of eight bytes. */
function padded(size: number): number {
  return Math.ceil(size / 8) * 8;
}
