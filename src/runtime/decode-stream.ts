import { wrongType } from '../arguments.ts';
import { HearkenError } from '../errors.ts';
import { abortable } from './abortable.ts';
import type { Encoding } from './encode-stream.ts';
import type { Engine } from './engine.ts';
import type { RecognitionEvent } from './event.ts';
import { type SearchResult, searchChunks, valueOf } from './hear.ts';
import { startStream, type StreamSettings } from './stream-state.ts';

/** The events of one stream from its encodings, which may be decoded as often as there are grammars to try. */
export async function* decodeStream(
  engine: Engine,
  encodings: AsyncIterable<Encoding> | Iterable<Encoding>,
  settings: StreamSettings,
  signal?: AbortSignal,
): AsyncGenerator<RecognitionEvent, void, undefined> {
  let before = startStream(engine, settings);
  for await (const encoding of abortable(encodings, signal)) {
    const isEncoding = typeof encoding === 'object' && encoding !== null && 'chunk' in encoding;
    if (!isEncoding) throw wrongType('every item', 'an encoding of `encode`', encoding);
    const { first, chunk } = encoding;
    if (first !== before.memory.count) throw outOfOrder(before.memory.count, first);
    const results = await searchChunks(engine, [{ ...chunk, before, trace: undefined }], signal);
    const [{ state, events }] = results.map(valueOf) as [SearchResult]; // one for the one chunk
    before = state;
    yield* events;
  }
}

function outOfOrder(expected: number, first: number): HearkenError {
  return new HearkenError(
    'decode/order',
    `Expected all encodings of one stream in order, vector ${expected} next, got one that begins with vector ${first}`,
  );
}
