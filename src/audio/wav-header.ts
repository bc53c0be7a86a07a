/**
 * The part of a WAV file before its samples, read from bytes that arrive in any pieces: RIFF (Microsoft), RF64 and BW64
 * (EBU Tech 3306, ITU-R BS.2088). Chunks that mean nothing here are skipped, never kept.
 */
import { HearkenError } from '../errors.ts';
import { FORMAT_CHUNK_BYTES, parseWavFormat, type WavFormat } from './wav-format.ts';

export type WavHeader = {
  readonly format: WavFormat;
  /** Where the samples start in the file. */ readonly dataStart: number;
  /** Bytes of samples; infinite for a stream whose writer did not know. */ readonly dataLength: number;
};

export type WavHeaderParser = {
  /**
   * How many of `bytes` belong to the header: all of them until it is complete.
   *
   * Throws `wav/not-wav`, `wav/big-endian`, `wav/format`, `wav/unsupported` or `wav/no-format`.
   */
  readonly push: (bytes: Uint8Array) => number;
  /** Undefined until the header is complete. */
  readonly header: () => WavHeader | undefined;
  /** The error for a file that ends before its header does. */
  readonly truncation: () => HearkenError;
};

/**
 * What comes next: bytes to collect and interpret, bytes to pass over, or the samples. `next` is given what was
 * collected, if anything, and where this stage started in the file.
 */
type Stage =
  | {
      readonly kind: 'collect' | 'skip';
      readonly what: string;
      readonly length: number;
      readonly next: (view: DataView, position: number) => Stage;
    }
  | { readonly kind: 'samples'; readonly header: WavHeader };

/** What earlier chunks have said. */
type Seen = {
  readonly riffSize: number;
  readonly dataSize?: number;
  readonly format?: WavFormat;
};

/**
 * Sizes that writers put, beside 0, who do not know theirs yet: to a pipe, or before the recording ends (ffmpeg and mpg123,
 * sox, arecord, and recorders that set a great number). Some take the length of their header off.
 */
const UNKNOWN_SIZES: readonly number[] = [0xffff_ffff, 0x8000_0000, 0x7fff_ffff, 0x7fff_f000, 2_000_000_000];
const LONGEST_USUAL_HEADER = 128;
/** In RF64 and BW64: the size is in the `ds64` chunk. */
const SIZE_IN_DS64 = 0xffff_ffff;
const RIFF_HEADER_BYTES = 12;
const CHUNK_HEADER_BYTES = 8;
/** `riffSize`, `dataSize` and `sampleCount`; the table after them is skipped. */
const DS64_BYTES = 24;

export function createWavHeaderParser(): WavHeaderParser {
  const collected = new Uint8Array(FORMAT_CHUNK_BYTES.extensible); // no stage collects more
  let stage = expectRiffHeader();
  let stageStart = 0; // its first byte in the file
  let stageLength = 0; // how much of it has come

  return {
    push: (bytes) => {
      let used = 0;
      while (stage.kind !== 'samples') {
        const taken = Math.min(stage.length - stageLength, bytes.length - used);
        if (stage.kind === 'collect') collected.set(bytes.subarray(used, used + taken), stageLength);
        used += taken;
        stageLength += taken;
        if (stageLength < stage.length) break;
        const view = new DataView(collected.buffer, 0, stage.kind === 'collect' ? stage.length : 0);
        stage = stage.next(view, stageStart);
        stageStart += stageLength;
        stageLength = 0;
      }
      return used;
    },
    header: () => (stage.kind === 'samples' ? stage.header : undefined),
    truncation: () => {
      const expected = stage.kind === 'samples' ? 'samples' : `${stage.length} bytes of ${stage.what}`;
      return new HearkenError(
        'wav/truncated',
        `Expected ${expected} at byte ${stageStart}, got ${stageLength}: the file ends at byte ${stageStart + stageLength}`,
      );
    },
  };
}

function expectRiffHeader(): Stage {
  return {
    kind: 'collect',
    what: 'a RIFF header',
    length: RIFF_HEADER_BYTES,
    next: (view, position) => {
      const container = nameAt(view, 0);
      if (container === 'RIFX') {
        throw new HearkenError('wav/big-endian', 'Expected little-endian `RIFF`, got big-endian `RIFX` at byte 0');
      }
      if (!['RIFF', 'RF64', 'BW64'].includes(container)) {
        throw new HearkenError(
          'wav/not-wav',
          `Expected \`RIFF\`, \`RF64\` or \`BW64\` at byte 0, got \`${container}\``,
        );
      }
      const content = nameAt(view, 8);
      if (content !== 'WAVE') {
        throw new HearkenError('wav/not-wav', `Expected \`WAVE\` at byte ${position + 8}, got \`${content}\``);
      }
      return expectChunk({ riffSize: view.getUint32(4, true) });
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
      const size = view.getUint32(4, true);
      if (name === 'data') return enterSamples(seen, size, position);
      if (name === 'fmt ' && seen.format === undefined) return expectFormat(seen, size, position + 4);
      if (name === 'ds64') return expectLongSizes(seen, size, position + 4);
      return skip(`a \`${name}\` chunk`, padded(size), seen);
    },
  };
}

function expectFormat(seen: Seen, size: number, sizePosition: number): Stage {
  const { smallest, extensible } = FORMAT_CHUNK_BYTES;
  expectChunkSize('fmt ', size, smallest, sizePosition);
  const length = Math.min(size, extensible);
  return {
    kind: 'collect',
    what: 'a `fmt ` chunk',
    length,
    next: (view, position) =>
      skip('a `fmt ` chunk', padded(size) - length, { ...seen, format: parseWavFormat(view, position) }),
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
      return skip('a `ds64` chunk', padded(size) - DS64_BYTES, { ...seen, riffSize, dataSize });
    },
  };
}

function skip(what: string, length: number, seen: Seen): Stage {
  return { kind: 'skip', what, length, next: () => expectChunk(seen) };
}

function enterSamples(seen: Seen, size: number, position: number): Stage {
  const { format } = seen;
  if (format === undefined) {
    throw new HearkenError(
      'wav/no-format',
      `Expected a \`fmt \` chunk before the samples, got \`data\` at byte ${position}`,
    );
  }
  const dataStart = position + CHUNK_HEADER_BYTES;
  return { kind: 'samples', header: { format, dataStart, dataLength: dataLengthOf(seen, size, dataStart) } };
}

/** A size of 0 is meant where the RIFF size says that chunks follow, and unknown otherwise. */
function dataLengthOf(seen: Seen, size: number, dataStart: number): number {
  if (size === SIZE_IN_DS64 && seen.dataSize !== undefined && seen.dataSize !== 0) {
    return Number.isSafeInteger(seen.dataSize) ? seen.dataSize : Number.POSITIVE_INFINITY;
  }
  const isEmpty = size === 0 && !isUnknown(seen.riffSize) && seen.riffSize + CHUNK_HEADER_BYTES > dataStart;
  return isEmpty || (size !== 0 && !isUnknown(size)) ? size : Number.POSITIVE_INFINITY;
}

function isUnknown(size: number): boolean {
  return UNKNOWN_SIZES.some((unknown) => size <= unknown && size > unknown - LONGEST_USUAL_HEADER);
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

/** Four bytes as text, with dots for what cannot be printed. */
function nameAt(view: DataView, offset: number): string {
  const codes = [0, 1, 2, 3].map((index) => view.getUint8(offset + index));
  return codes.map((code) => (code >= 32 && code < 127 ? String.fromCharCode(code) : '.')).join('');
}
