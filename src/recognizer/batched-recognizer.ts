/** The streams of one model, advanced together in batches: each by what it was given, each with answers of its own. */
import { createBatcher } from './batcher.ts';
import type { RecognizerStream, StreamSnapshot } from './recognizer.ts';
import { type Asker, createRequestQueue, type StreamRequest, type StreamSamples } from './request-queue.ts';
import { closedError, createStreamLine, type StreamLineOptions } from './stream-line.ts';

/**
 * The position of a stream, which turns its samples into chunks of the model: whoever advances a stream goes through
 * this.
 */
export type StreamCursor<Samples, Chunk, State, Output, Event> = {
  readonly state: () => State;
  /** The stream's next samples as the model takes them; with `isLast` what is under way is to be settled. */
  readonly next: (samples: Samples, isLast: boolean) => Chunk;
  /** Goes to where the chunk of `next` has led; gives what it brought, in the count of the whole stream. */
  readonly advanceTo: (state: State, output: Output) => readonly Event[];
  /** Goes on from `edit(state)` at the moment between two chunks; only of kinds whose streams can be changed. */
  readonly change?: (edit: (state: State) => State) => void;
  /** A snapshot of the moment between two chunks. */ readonly snapshot: () => StreamSnapshot;
  /** Samples that one chunk is made of at most. */ readonly longestPiece: number;
  readonly line: StreamLineOptions;
  /** Told once when the stream is over: whether what it kept outside its state is to be kept, where it was said, and whether it has failed. */
  readonly end?: (keepsLeaves: boolean | undefined, isFailure: boolean) => void;
};

/** How streams of one kind are recognized: of audio, or of tokens. */
export type StreamKind<Options, Samples, Chunk, State, Output, Event> = {
  /** Opens a stream. Throws where it cannot go on from the snapshot that it is given. */
  readonly open: (options: Options) => StreamCursor<Samples, Chunk, State, Output, Event>;
  readonly emptySamples: (length: number) => Samples;
  /** Throws `option/type` on anything but samples of this kind. */ readonly assertSamples: (samples: Samples) => void;
  /** State, chunk and outcome i belong together. */ readonly advance: (
    states: readonly State[],
    chunks: readonly Chunk[],
    signal: AbortSignal,
  ) => Promise<readonly Outcome<State, Output>[]>;
  /** Levels of a stream's memory above its window. */ readonly memoryLevels: (state: State) => number;
  /** Seconds of audio in a chunk; 0 for tokens. */ readonly audioSeconds: (chunk: Chunk) => number;
};

/** The state and output after a chunk, or the error that kept it from being taken. */
export type Outcome<State, Output> = { readonly state: State; readonly output: Output } | { readonly error: unknown };

/** Figures of one batch. */
export type BatchFigures = {
  /** Streams in it. */ readonly size: number;
  /** Streams in line that it had no place for. */ readonly waiting: number;
  /** Above the window, of the deepest memory among its streams. */ readonly memoryLevels: number;
  /** Seconds of audio in the batch, all its streams together. */ readonly audioSeconds: number;
  /** Seconds from the batch's start to its end. */ readonly seconds: number;
};

export type BatchingOptions = {
  /** Streams in a batch at most, 1..1024. */ readonly maximumBatch: number;
  /** Longest time that a batch waits to be filled, 0..1000 ms. */ readonly maximumWaitMs: number;
  /** Told of each batch, before whoever waited for its answers goes on. */
  readonly onBatch?: (figures: BatchFigures) => void;
};

export type BatchedRecognizer<Options, Samples, Event, Stream = RecognizerStream<Samples, Event>> = {
  /** As of a `Recognizer`. An abort of `signal` ends the stream with its reason. */
  readonly open: (options: Options, signal?: AbortSignal) => Stream;
  /** Resolves when nothing is being computed and no stream waits for it. */ readonly idle: () => Promise<void>;
};

export type ChangeableStream<Samples, Event, State> = RecognizerStream<Samples, Event> & {
  /** Goes on from `edit(state)` after all that was pushed before. Rejects with what `edit` throws; then the stream goes on as it was. */
  readonly change: (edit: (state: State) => State) => Promise<void>;
};

/** Makes a recognizer that computes its streams in batches. Throws `option/out-of-range`. */
export function createBatchedRecognizer<Options, Samples extends StreamSamples, Chunk, State, Output, Event>(
  kind: StreamKind<Options, Samples, Chunk, State, Output, Event>,
  { maximumBatch, maximumWaitMs, onBatch }: BatchingOptions,
): BatchedRecognizer<Options, Samples, Event, ChangeableStream<Samples, Event, State>> {
  type Work = StreamWork<Chunk, State, Output>;
  let openCount = 0;
  let underWay: { readonly works: readonly Work[]; readonly controller: AbortController } | undefined;
  const batcher = createBatcher<Work>({
    maximumBatch,
    maximumWaitMs,
    openCount: () => openCount,
    isReady: (work) => work.isReady(),
    run: async (works, waiting) => {
      const started = performance.now();
      const batch = works.flatMap((work) => work.take() ?? []);
      if (batch.length === 0) return;
      const controller = new AbortController();
      underWay = { works: batch.map(({ work }) => work), controller };
      const outcomes = await advanceBatch(kind.advance, batch, controller.signal);
      underWay = undefined;
      for (const [index, outcome] of outcomes.entries()) batch[index]?.settle(outcome);
      onBatch?.({
        size: batch.length,
        waiting,
        memoryLevels: Math.max(...batch.map(({ work }) => kind.memoryLevels(work.state()))),
        audioSeconds: batch.reduce((sum, { chunk }) => sum + kind.audioSeconds(chunk), 0),
        seconds: (performance.now() - started) / 1000,
      });
    },
  });
  return {
    idle: batcher.idle,
    open: (options, signal) => {
      const cursor = kind.open(options);
      openCount++;
      return openStream(kind, cursor, {
        signal,
        onReady: batcher.ready,
        onOver: (work, reason) => {
          openCount--;
          batcher.forget(work);
          // A batch whose streams are all over need not be computed to its end.
          if (underWay?.works.includes(work) && !underWay.works.some((each) => each.isOpen())) {
            underWay.controller.abort(reason);
          }
        },
      });
    },
  };
}

/** A piece of a stream on its way through a batch. */
type Piece<Chunk, State, Output> = {
  readonly work: StreamWork<Chunk, State, Output>;
  readonly chunk: Chunk;
  /** Answers what ends with the piece. */ readonly settle: (outcome: Outcome<State, Output>) => void;
};

/** A stream as batches see it. */
type StreamWork<Chunk, State, Output> = {
  readonly isOpen: () => boolean;
  /** Whether it is open and was asked for something. */ readonly isReady: () => boolean;
  readonly state: () => State;
  /** Takes the stream's next piece; undefined where only snapshots were asked for, or where the stream has failed. */
  readonly take: () => Piece<Chunk, State, Output> | undefined;
};

/** Learns of a stream's turns, and may end it. */
type Owner<Work> = {
  readonly signal: AbortSignal | undefined;
  readonly onReady: (work: Work) => void;
  readonly onOver: (work: Work, reason: unknown) => void;
};

function openStream<Samples extends StreamSamples, Chunk, State, Output, Event>(
  {
    emptySamples,
    assertSamples,
  }: Pick<StreamKind<never, Samples, Chunk, State, Output, Event>, 'emptySamples' | 'assertSamples'>,
  cursor: StreamCursor<Samples, Chunk, State, Output, Event>,
  { onReady, onOver, signal }: Owner<StreamWork<Chunk, State, Output>>,
): ChangeableStream<Samples, Event, State> {
  const queue = createRequestQueue<Samples, Event>(cursor.longestPiece, emptySamples);
  const line = createStreamLine(cursor.line);
  let carried: readonly Event[] = []; // of a request that takes several pieces
  let over: { readonly reason: unknown } | undefined;

  const end = (reason: unknown): boolean => {
    if (over !== undefined) return false;
    over = { reason };
    signal?.removeEventListener('abort', onAbort);
    for (const asker of queue.clear()) asker.reject(reason);
    line.close();
    onOver(work, reason);
    return true;
  };
  const fail = (reason: unknown): void => {
    if (!end(reason)) return;
    try {
      cursor.end?.(undefined, true);
    } catch {
      // The stream tells why it has failed, and no second reason.
    }
  };
  const onAbort = (): void => fail(signal?.reason);
  const settle = (completes: readonly Asker<readonly Event[]>[], outcome: Outcome<State, Output>): void => {
    try {
      if (over !== undefined) throw over.reason;
      if ('error' in outcome) throw outcome.error;
      const all = [...carried, ...cursor.advanceTo(outcome.state, outcome.output)];
      carried = completes.length === 0 ? all : [];
      for (const [index, asker] of completes.entries()) asker.resolve(index === completes.length - 1 ? all : []);
    } catch (error) {
      for (const asker of completes) asker.reject(error);
      fail(error);
    }
  };
  const work: StreamWork<Chunk, State, Output> = {
    isOpen: () => over === undefined,
    isReady: () => over === undefined && !queue.isEmpty(),
    state: cursor.state,
    take: () => {
      if (over !== undefined) return undefined;
      const { samples, isLast, completes, between } = queue.take();
      try {
        for (const request of between) {
          if (request.type === 'snapshot') request.asker.resolve(cursor.snapshot());
          else request.run();
        }
        if (completes.length === 0 && samples.length === 0) return undefined;
        const chunk = cursor.next(samples, isLast);
        return { work, chunk, settle: (outcome) => settle(completes, outcome) };
      } catch (error) {
        // Where it was answered, it stays so.
        for (const asker of [...between.map((request) => request.asker), ...completes]) asker.reject(error);
        fail(error);
        return undefined;
      }
    },
  };
  /** `enter` counts the request in and gives what counts it out. */
  const ask = <Answer>(
    enter: () => () => void,
    requestOf: (asker: Asker<Answer>) => StreamRequest<Samples, Event>,
  ): Promise<Answer> => {
    let leave: (() => void) | undefined;
    const requested = new Promise<Answer>((resolve, reject) => {
      if (over !== undefined) throw over.reason;
      leave = enter();
      queue.put(requestOf({ resolve, reject }));
      onReady(work);
    });
    if (leave !== undefined) requested.then(leave, leave);
    return requested;
  };
  if (signal?.aborted) onAbort();
  else signal?.addEventListener('abort', onAbort);
  const enterEmpty = (): (() => void) => line.enter(0);
  return {
    push: (samples) =>
      ask<readonly Event[]>(
        () => {
          assertSamples(samples);
          line.assertRoom();
          return line.enter(samples.length);
        },
        (asker) => ({ type: 'push', asker, samples }),
      ),
    flush: () => ask<readonly Event[]>(enterEmpty, (asker) => ({ type: 'flush', asker })),
    snapshot: () => ask<StreamSnapshot>(enterEmpty, (asker) => ({ type: 'snapshot', asker })),
    change: (edit) =>
      ask<void>(enterEmpty, (asker) => ({
        type: 'change',
        asker,
        run: () => {
          try {
            asker.resolve(cursor.change?.(edit));
          } catch (error) {
            asker.reject(error);
          }
        },
      })),
    room: line.room,
    close: ({ keepsLeaves } = {}) => {
      if (end(closedError())) cursor.end?.(keepsLeaves, false);
    },
  };
}

/** An outcome each; where the whole batch fails, each stream is tried alone, so that only the cause of it is lost. */
async function advanceBatch<Chunk, State, Output>(
  advance: StreamKind<never, never, Chunk, State, Output, never>['advance'],
  batch: readonly Piece<Chunk, State, Output>[],
  signal: AbortSignal,
): Promise<readonly Outcome<State, Output>[]> {
  try {
    signal.throwIfAborted();
    const states = batch.map(({ work }) => work.state());
    const chunks = batch.map(({ chunk }) => chunk);
    return await advance(states, chunks, signal);
  } catch (error) {
    if (batch.length === 1 || signal.aborted) return batch.map(() => ({ error }));
    const outcomes: Outcome<State, Output>[] = [];
    for (const each of batch) outcomes.push(...(await advanceBatch(advance, [each], signal)));
    return outcomes;
  }
}
