import type { OperatorFunction } from 'rxjs';

import type { DecodeOptions, Encoding, Model, RecognitionEvent } from '../src/index.ts';
import { assertModel, ITEM_QUEUE, asyncOperator } from './operator.ts';

/**
 * What is said in the encodings of one whole stream, `encode`'s by the same model. Encodings can be kept and decoded again,
 * with another grammar say. Gives the errors of `model.decode` to the subscriber.
 */
export function decode(
  model: Pick<Model, 'decode'>,
  options: Omit<DecodeOptions, 'signal'> = {},
): OperatorFunction<Encoding, RecognitionEvent> {
  assertModel(model, 'decode');
  return asyncOperator((encodings, signal) => model.decode(encodings, { ...options, signal }), ITEM_QUEUE);
}
