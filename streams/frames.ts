import type { MonoTypeOperatorFunction } from 'rxjs';

import { assertFields, integerIn } from '../src/arguments.ts';
import { assertInteger } from '../src/errors.ts';
import { syncOperator } from './operator.ts';

export type FramesOptions = {
  /** Samples or tokens in a frame, 1..1,048,576; for example 400 samples: 25 ms at 16 kHz. */
  readonly frameLength: number;
  /**
   * Samples or tokens from one frame's start to the next one's, 1..`frameLength`; for example 160 samples: 10 ms at 16
   * kHz.
   */
  readonly hopLength: number;
};

/**
 * Cuts chunks of any size (samples, or ids of tokens) into overlapping frames of equal length; each is an array of its own.
 * Frame n starts at sample `n * hopLength`. What does not fill a last frame is dropped when the source completes.
 * Throws `option/...`.
 *
 * @example
 * ```ts
 * import { frames, PullObservable } from 'hearken/streams';
 * import { lastValueFrom, map, toArray } from 'rxjs';
 *
 * const tokens = new PullObservable(() => [Int32Array.of(1, 2, 3), Int32Array.of(4, 5)]);
 * const framed = tokens.pipe(frames({ frameLength: 3, hopLength: 2 }), map((frame) => frame.join(' ')));
 * console.log(await lastValueFrom(framed.pipe(toArray())));
 * // => [ '1 2 3', '3 4 5' ]
 * ```
 */
export function frames<A extends Float32Array | Int32Array>(options: FramesOptions): MonoTypeOperatorFunction<A> {
  assertFields('frames', options, { frameLength: integerIn(1, 1 << 20), hopLength: integerIn(1) });
  const { frameLength, hopLength } = options;
  assertInteger('hopLength', hopLength, 1, frameLength);
  return syncOperator(() => {
    let frame: A | undefined;
    let filled = 0;
    return (chunk) => {
      const whole: A[] = [];
      frame ??= emptyLike(chunk, frameLength);
      for (let read = 0; read < chunk.length; ) {
        const taken = chunk.subarray(read, read + frameLength - filled);
        frame.set(taken, filled);
        read += taken.length;
        filled += taken.length;
        if (filled < frameLength) continue;
        whole.push(frame.slice() as A); // `slice` gives the kind of array it was called on
        frame.copyWithin(0, hopLength);
        filled -= hopLength;
      }
      return whole;
    };
  });
}

function emptyLike<A extends Float32Array | Int32Array>(chunk: A, length: number): A {
  const empty = chunk instanceof Float32Array ? new Float32Array(length) : new Int32Array(length);
  return empty as A; // the same of the two kinds
}
