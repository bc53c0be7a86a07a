import type { OperatorFunction } from 'rxjs';

import { assertModel, asyncOperator } from './operator.ts';

/** What turns chunks of a stream into encodings: a `Model` (samples) or a `TokenModel` (tokens). */
export type EncodingModel<Chunk, Options, Encoding> = {
  encode(chunks: AsyncIterable<Chunk>, options: Options): AsyncIterable<Encoding>;
};

/**
 * What `model` makes of a stream, chunks of any size: vectors, what each read in the memory of the whole past, and
 * log-probabilities. Of samples, for a `Model`: CTC's; `encode` and `decode` one after the other give what `events` gives.
 * Of ids of tokens, for a `TokenModel`: the answer's, were the stream to end there.
 *
 * Asks for chunks, holds back and is cancelled as `events` is. Gives the errors of `model.encode` to the subscriber.
 *
 * @example
 * ```ts
 * import { loadModel } from 'hearken';
 * import { audioFile, decode, encode } from 'hearken/streams';
 * import { filter, lastValueFrom } from 'rxjs';
 *
 * await using model = await loadModel('codes-en');
 * const encodings = audioFile('samples/pin.wav', { sampleRate: model.sampleRate }).pipe(encode(model));
 * const finals = encodings.pipe(decode(model, { grammar: 'digits' }), filter((event) => event.type === 'final'));
 * console.log((await lastValueFrom(finals)).text);
 * // => four seven two nine
 * ```
 */
export function encode<Chunk, Options extends { readonly signal?: AbortSignal | undefined }, Encoding>(
  model: EncodingModel<Chunk, Options, Encoding>,
  options?: Omit<Options, 'signal'>,
): OperatorFunction<Chunk, Encoding> {
  assertModel(model, 'encode');
  return asyncOperator((chunks, signal) => model.encode(chunks, { ...options, signal } as Options)); // with its signal again
}
