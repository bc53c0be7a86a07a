import { wrongType } from '../arguments.ts';
import { createResampler } from '../audio/resample.ts';
import { abortable } from './abortable.ts';
import type { StreamChunk } from './encode-chunks.ts';

/** Samples of one channel in -1..1, in chunks of any size. */
export type AudioChunks = AsyncIterable<Float32Array> | Iterable<Float32Array>;

/** The longest piece that the model computes at once: bounds memory, and how long an abort takes. */
const LONGEST_PIECE_SECONDS = 2;

/** The stream at the model's rate, in pieces; one that is marked as the last, maybe without samples, ends it. */
export async function* streamChunks(
  chunks: AudioChunks,
  rates: { readonly inputRate: number; readonly outputRate: number },
  signal?: AbortSignal,
): AsyncGenerator<StreamChunk, void, undefined> {
  const resampler = createResampler(rates);
  for await (const chunk of abortable(chunks, signal)) {
    if (!(chunk instanceof Float32Array)) throw wrongType('every chunk', 'samples in -1..1 (Float32Array)', chunk);
    for (const piece of pieces(chunk, LONGEST_PIECE_SECONDS * rates.inputRate)) {
      yield { samples: resampler.push(piece) };
    }
  }
  yield { samples: resampler.flush(), isLast: true };
}

function* pieces(samples: Float32Array, longest: number): Generator<Float32Array> {
  for (let start = 0; start < samples.length; start += longest) yield samples.subarray(start, start + longest);
}
