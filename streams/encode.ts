import type { OperatorFunction } from 'rxjs';

import type { EncodeOptions, Encoding, Model } from '../src/index.ts';
import { pulling } from './operator.ts';

/**
 * What `model` makes of samples in -1..1, in chunks of any size: vectors, what each read in the memory of the whole past,
 * and CTC's log-probabilities. Asks for chunks, holds back and is cancelled as `events` is; `encode` and `decode` one
 * after the other give what `events` gives. Gives the errors of `model.encode` to the subscriber.
 */
export function encode(
  model: Pick<Model, 'encode'>,
  options: Omit<EncodeOptions, 'signal'> = {},
): OperatorFunction<Float32Array, Encoding> {
  return pulling((chunks, signal) => model.encode(chunks, { ...options, signal }));
}
