import { readFileBytes, type ByteSource } from '../src/audio/byte-stream.ts';
import { readAudio, readPcm } from '../src/audio/read-audio.ts';
import { isSampleEncoding, SAMPLE_ENCODINGS } from '../src/audio/sample-encoding.ts';
import { HearkenError } from '../src/index.ts';
import { existingFile } from './existing.ts';
import { UsageError } from './usage-error.ts';

/** How raw samples on standard input are written. */
export type RawFormat = {
  /** Hz */ readonly rate?: number;
  readonly format?: string;
  readonly channels?: number;
};

/** A recording on its way in. */
export type Recording = {
  /** At the wanted rate. A recording that is cut short ends them; `damage` says so. */
  readonly samples: AsyncIterable<Float32Array>;
  /** Unknown for standard input. */ readonly totalBytes: number | undefined;
  readonly readBytes: () => number;
  readonly sampleCount: () => number;
  /** Why the recording ended before its time, once it has. */ readonly damage: () => HearkenError | undefined;
};

/** Opens a file, or standard input for `-`. Nothing is read before `samples` are iterated. */
export async function openRecording(file: string, sampleRate: number, raw: RawFormat): Promise<Recording> {
  const isStandardInput = file === '-';
  const totalBytes = isStandardInput ? undefined : await existingFile(file);
  const counts = { bytes: 0, samples: 0 };
  const bytes = counted(isStandardInput ? process.stdin : readFileBytes(file), (count) => {
    counts.bytes += count;
  });
  let damage: HearkenError | undefined;
  return {
    samples: untilDamage(
      counted(decode(bytes, sampleRate, raw), (count) => {
        counts.samples += count;
      }),
      (error) => {
        damage = error;
      },
    ),
    totalBytes,
    readBytes: () => counts.bytes,
    sampleCount: () => counts.samples,
    damage: () => damage,
  };
}

function decode(
  bytes: ByteSource,
  sampleRate: number,
  { rate, format, channels = 1 }: RawFormat,
): AsyncIterable<Float32Array> {
  if (rate === undefined || format === undefined) return readAudio(bytes, { sampleRate });
  if (!isSampleEncoding(format)) {
    throw new UsageError(`Expected --format in ${SAMPLE_ENCODINGS.join(', ')}, got ${format}`);
  }
  return readPcm(bytes, { inputRate: rate, encoding: format, channelCount: channels, sampleRate });
}

async function* counted<T extends { readonly length: number }>(
  pieces: AsyncIterable<T> | Iterable<T>,
  onPiece: (length: number) => void,
): AsyncGenerator<T> {
  for await (const piece of pieces) {
    onPiece(piece.length);
    yield piece;
  }
}

/** A recorder that was cut off leaves a truncated file: what there is of it is worth hearing. */
async function* untilDamage(
  samples: AsyncIterable<Float32Array>,
  onDamage: (error: HearkenError) => void,
): AsyncGenerator<Float32Array> {
  let isEmpty = true;
  try {
    for await (const piece of samples) {
      isEmpty = false;
      yield piece;
    }
  } catch (error) {
    if (isEmpty || !(error instanceof HearkenError) || !error.code.endsWith('/truncated')) throw error;
    onDamage(error);
  }
}
