/**
 * WAV: RIFF and its big-endian RIFX (Microsoft), RF64 and BW64 (EBU Tech 3306, ITU-R BS.2088). Chunks that mean nothing here
 * are skipped, never kept.
 */
import { HearkenError } from '../errors.ts';
import { isUnknownSize, LONGEST_COLLECTED, nameAt, skip, type SoundFormat, type Stage, trailing } from './stages.ts';
import { parseWaveFormat, SHORTEST_FORMAT_BYTES } from './wave-format.ts';

/** What the chunks read so far have said. */
type Seen = {
  readonly isLittleEndian: boolean;
  readonly riffSize: number;
  /** Length in bytes of the samples that the chunk `ds64` gives. */ readonly dataSize?: number;
  /** Number of frames that the chunk `fact` gives. */ readonly frameCount?: number;
  readonly format?: SoundFormat;
  /** Whether samples have been seen. */ readonly hasSound?: true;
};

/** Size that RF64 and BW64 write in a chunk whose true size is in the `ds64` chunk. */
const SIZE_IN_DS64 = 0xffff_ffff;
const RIFF_HEADER_BYTES = 12;
const CHUNK_HEADER_BYTES = 8;
/** `riffSize`, `dataSize` and `sampleCount`; the table after them is skipped. */
const DS64_BYTES = 24;
const FACT_BYTES = 4;

/** Stages throw `wav/not-wav`, `wav/format`, `wav/unsupported` or `wav/no-format`. */
export function expectRiff(): Stage {
  return {
    kind: 'collect',
    what: 'a RIFF header',
    length: RIFF_HEADER_BYTES,
    next: (view, position) => {
      const container = nameAt(view, 0);
      if (!['RIFF', 'RIFX', 'RF64', 'BW64'].includes(container)) {
        throw new HearkenError(
          'wav/not-wav',
          `Expected \`RIFF\`, \`RIFX\`, \`RF64\` or \`BW64\` at byte 0, got \`${container}\``,
        );
      }
      const content = nameAt(view, 8);
      if (content !== 'WAVE') {
        throw new HearkenError('wav/not-wav', `Expected \`WAVE\` at byte ${position + 8}, got \`${content}\``);
      }
      const isLittleEndian = container !== 'RIFX';
      return expectChunk({ isLittleEndian, riffSize: view.getUint32(4, isLittleEndian) });
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
      const size = view.getUint32(4, seen.isLittleEndian);
      if (name === 'data') return enterSound(seen, size, position);
      if (seen.hasSound) return passOver(seen, name, size, position);
      if (name === 'fmt ' && seen.format === undefined) return expectFormat(seen, size, position + 4);
      if (name === 'ds64') return expectLongSizes(seen, size, position + 4);
      if (name === 'fact' && size >= FACT_BYTES) return expectFrameCount(seen, size);
      return skip(`a \`${name}\` chunk`, padded(size), () => expectChunk(seen));
    },
  };
}

/** Passes over a chunk after the samples. */
function passOver(seen: Seen, name: string, size: number, position: number): Stage {
  if (name.startsWith('RIF') || name.includes('.')) return trailing('wav', position, CHUNK_HEADER_BYTES);
  return skip(`a \`${name}\` chunk`, padded(size), () => expectChunk(seen));
}

function expectFormat(seen: Seen, size: number, sizePosition: number): Stage {
  expectChunkSize('fmt ', size, SHORTEST_FORMAT_BYTES, sizePosition);
  return {
    kind: 'collect',
    what: 'a `fmt ` chunk',
    length: Math.min(size, LONGEST_COLLECTED),
    next: (view, position) => {
      const format = parseWaveFormat(view, position, seen.isLittleEndian);
      return skip('a `fmt ` chunk', padded(size) - view.byteLength, () => expectChunk({ ...seen, format }));
    },
  };
}

function expectLongSizes(seen: Seen, size: number, sizePosition: number): Stage {
  expectChunkSize('ds64', size, DS64_BYTES, sizePosition);
  return {
    kind: 'collect',
    what: 'a `ds64` chunk',
    length: DS64_BYTES,
    next: (view) => {
      const riffSize = Number(view.getBigUint64(0, true));
      const dataSize = Number(view.getBigUint64(8, true));
      return skip('a `ds64` chunk', padded(size) - DS64_BYTES, () => expectChunk({ ...seen, riffSize, dataSize }));
    },
  };
}

function expectFrameCount(seen: Seen, size: number): Stage {
  return {
    kind: 'collect',
    what: 'a `fact` chunk',
    length: FACT_BYTES,
    next: (view) => {
      const frameCount = view.getUint32(0, seen.isLittleEndian);
      return skip('a `fact` chunk', padded(size) - FACT_BYTES, () => expectChunk({ ...seen, frameCount }));
    },
  };
}

function enterSound(seen: Seen, size: number, position: number): Stage {
  const { format, frameCount } = seen;
  if (format === undefined) {
    throw new HearkenError(
      'wav/no-format',
      `Expected a \`fmt \` chunk before the samples, got \`data\` at byte ${position}`,
    );
  }
  const length = dataLengthOf(seen, size, position + CHUNK_HEADER_BYTES);
  const after = () => expectChunk({ ...seen, hasSound: true });
  return {
    kind: 'sound',
    format,
    length,
    frameCount,
    next: () => (length % 2 === 0 ? after() : skip('padding', 1, after)),
  };
}

/** A size of 0 is meant where the RIFF size says that chunks follow, and unknown otherwise. */
function dataLengthOf(seen: Seen, size: number, dataStart: number): number {
  if (size === SIZE_IN_DS64 && seen.dataSize !== undefined && seen.dataSize !== 0) {
    return Number.isSafeInteger(seen.dataSize) ? seen.dataSize : Number.POSITIVE_INFINITY;
  }
  const isEmpty = size === 0 && !isUnknownSize(seen.riffSize) && seen.riffSize + CHUNK_HEADER_BYTES > dataStart;
  return isEmpty || (size !== 0 && !isUnknownSize(size)) ? size : Number.POSITIVE_INFINITY;
}

function expectChunkSize(name: string, size: number, smallest: number, position: number): void {
  if (size < smallest) {
    throw new HearkenError(
      'wav/format',
      `Expected at least ${smallest} bytes of \`${name}\`, got ${size} at byte ${position}`,
    );
  }
}

/** Chunks start at even bytes. */
function padded(size: number): number {
  return size + (size % 2);
}
