import type { OperatorFunction } from 'rxjs';

import type { Recognizer, RecognizerStream } from '../src/index.ts';
import { assertModel, asyncOperator } from './operator.ts';

/** What is needed of a stream to give it chunks and take its events. */
type Pushed<Chunk, Event> = Pick<RecognizerStream<Chunk, Event>, 'push' | 'flush' | 'room' | 'close'>;

/**
 * What `recognizer` tells of chunks of any size: a `Model` of samples in -1..1, a `TokenModel` of ids, the engine of a server of either. The
 * stream is opened by each subscription, with `options`, flushed when the source completes, and closed at the end, however that comes.
 *
 * The next chunk is asked for when the stream has room and whoever listens is done with the last event: a model of this process has
 * room when it has worked off the chunk before, an engine while less than four seconds wait. Chunks of a plain Observable wait, at most
 * 1,048,576 samples of them, then the stream ends with `queue/full`; put `bounded` before for another bound.
 *
 * Gives the errors of the stream to the subscriber, those of the source after what was recognized before them.
 *
 * @example
 * ```ts
 * import { loadModel } from 'hearken';
 * import { audioFile, recognize } from 'hearken/streams';
 * import { filter, lastValueFrom } from 'rxjs';
 *
 * await using model = await loadModel('codes-en', { grammar: 'digits' });
 * const recording = audioFile('samples/pin.wav', { sampleRate: model.sampleRate });
 * const finals = recording.pipe(recognize(model), filter((event) => event.type === 'final'));
 * console.log((await lastValueFrom(finals)).text);
 * // => four seven two nine
 * ```
 */
export function recognize<Options, Chunk, Event>(
  recognizer: Recognizer<Options, Pushed<Chunk, Event>>,
  ...[options]: undefined extends Options ? [options?: Options] : [options: Options]
): OperatorFunction<Chunk, Event> {
  assertModel(recognizer, 'open');
  return asyncOperator((chunks, signal) => {
    const stream = recognizer.open(options as Options); // absent only where it may be
    signal.addEventListener('abort', () => stream.close(), { once: true }); // also where nobody ever asks for an event
    return recognized(stream, chunks);
  });
}

/** What happens next: an answer comes, the stream has room, or a chunk comes, or the reason why none does. */
type Step<Chunk, Event> =
  | { readonly events: readonly Event[] }
  | { readonly hasRoom: true }
  | { readonly chunk: IteratorResult<Chunk, unknown> }
  | { readonly broken: unknown };

async function* recognized<Chunk, Event>(
  stream: Pushed<Chunk, Event>,
  chunks: AsyncIterable<Chunk>,
): AsyncGenerator<Event, void, undefined> {
  type Awaited = Promise<Step<Chunk, Event>>;
  const source = chunks[Symbol.asyncIterator]();
  const answers: Promise<readonly Event[]>[] = []; // the oldest first
  const roomStep = async (): Awaited => {
    await stream.room();
    return { hasRoom: true };
  };
  const chunkStep = (): Awaited =>
    source.next().then(
      (chunk) => ({ chunk }),
      (error: unknown) => ({ broken: error }),
    );
  const keep = (answer: Promise<readonly Event[]>): void => {
    answer.catch(() => undefined); // it is looked at when those before it have come
    answers.push(answer);
  };
  let awaited: Awaited | undefined = roomStep();
  let broken: { readonly error: unknown } | undefined;
  try {
    while (true) {
      const oldest = answers[0]?.then((events): Step<Chunk, Event> => ({ events }));
      const steps = [oldest, awaited].filter((step) => step !== undefined);
      if (steps.length === 0) break;
      const step = await Promise.race(steps);
      if ('events' in step) {
        void answers.shift();
        yield* step.events;
      } else if ('hasRoom' in step) awaited = chunkStep();
      else if ('broken' in step) {
        broken = { error: step.broken };
        awaited = undefined;
      } else if (step.chunk.done === true) {
        keep(stream.flush());
        awaited = undefined;
      } else {
        keep(stream.push(step.chunk.value));
        awaited = roomStep();
      }
    }
    if (broken !== undefined) throw broken.error;
  } finally {
    stream.close();
    awaited?.catch(() => undefined); // nobody waits for room any more
    await source.return?.();
  }
}
