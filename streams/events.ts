import type { OperatorFunction } from 'rxjs';

import type { Model, RecognitionEvent, StreamOptions } from '../src/index.ts';
import { assertModel, asyncOperator } from './operator.ts';

/** Options of `model.stream` without `signal`: a stream is stopped by unsubscribing. */
export type EventsOptions = Omit<StreamOptions, 'signal'>;

/**
 * What `model` hears in samples in -1..1, in chunks of any size. The next chunk is asked for when the model has worked off
 * the last one; unsubscribing aborts the model's step that is under way. Chunks of a plain Observable wait, at most
 * 1,048,576 samples of them, then the stream ends with `queue/full`; put `bounded` before for another bound.
 *
 * Gives the errors of `model.stream` to the subscriber.
 *
 * @example
 * ```ts
 * import { loadModel } from 'hearken';
 * import { audioFile, events } from 'hearken/streams';
 * import { filter, lastValueFrom } from 'rxjs';
 *
 * await using model = await loadModel('codes-en', { grammar: 'digits' });
 * const recording = audioFile('samples/pin.wav', { sampleRate: model.sampleRate });
 * const finals = recording.pipe(events(model), filter((event) => event.type === 'final'));
 * console.log((await lastValueFrom(finals)).text);
 * // => four seven two nine
 * ```
 */
export function events(
  model: Pick<Model, 'stream'>,
  options: EventsOptions = {},
): OperatorFunction<Float32Array, RecognitionEvent> {
  assertModel(model, 'stream');
  return asyncOperator((chunks, signal) => model.stream(chunks, { ...options, signal }));
}
