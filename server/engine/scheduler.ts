/** The streams of one model inside the engine's thread, advanced in batches. */
import { assertInteger, HearkenError } from '../../src/errors.ts';
import { toFailure, type Answer, type BatchReport, type FromEngine, type StreamQuestion } from './protocol.ts';
import type { Piece, StreamWork } from './streams.ts';

/** What a model hears: audio or tokens. */
export type StreamKind<Open, Chunk, State, Output> = {
  /** Throws where the stream cannot go on from where it is said to stand. */
  readonly open: (open: Open) => StreamWork<Chunk, State, Output>;
  readonly advance: Advance<Chunk, State, Output>;
  /** Of a memory above its window. */ readonly memoryLevels: (state: State) => number;
  /** None in tokens. */ readonly audioSeconds: (chunk: Chunk) => number;
};

export type StreamBatches<Open> = {
  /** Where it cannot be opened, the stream's first request fails with the reason. */
  readonly open: (stream: number, open: Open) => void;
  readonly ask: (stream: number, question: StreamQuestion) => void;
  /** Forgets the stream; what it was still asked for gets no answer. */ readonly close: (stream: number) => void;
};

export type StreamBatchesOptions = {
  readonly maximumBatch: number;
  readonly maximumWaitMs: number;
  readonly tell: (message: FromEngine) => void;
};

export function createStreamBatches<Open, Chunk, State, Output>(
  model: string,
  kind: StreamKind<Open, Chunk, State, Output>,
  options: StreamBatchesOptions,
): StreamBatches<Open> {
  type Work = StreamWork<Chunk, State, Output>;
  type InBatch = BatchMember<Chunk, State, Output>;
  const { maximumBatch, maximumWaitMs, tell } = options;
  const registry = createStreamRegistry<Work>();
  const fail = (work: Work, error: unknown, piece?: Piece<Chunk>): readonly Answer[] => {
    const requests = work.abandon(piece);
    if (!registry.has(work)) return []; // closed meanwhile
    registry.fail(work, error);
    batcher.forget(work);
    return requests.map((request) => ({ request, failure: toFailure(error) }));
  };

  const batcher = createBatcher<Work>({
    maximumBatch,
    maximumWaitMs,
    openCount: registry.count,
    isReady: (work) => registry.has(work) && work.isReady(),
    run: async (works, waiting) => {
      const started = performance.now();
      const answers: Answer[] = [];
      const batch: InBatch[] = [];
      for (const work of works) {
        try {
          const piece = work.takePiece();
          answers.push(...piece.snapshots);
          if (piece.completes.length > 0 || piece.sampleCount > 0) batch.push({ work, piece });
        } catch (error) {
          answers.push(...fail(work, error));
        }
      }
      for (const [index, outcome] of (await advanceBatch(kind.advance, batch)).entries()) {
        const { work, piece } = batch[index] as InBatch; // an outcome each
        if ('error' in outcome) answers.push(...fail(work, outcome.error, piece));
        else answers.push(...work.advanceTo(outcome.state, outcome.output, piece));
      }
      const report = batch.length > 0 && { batch: { ...reportOf(batch, started), waiting } };
      tell({ type: 'answers', answers, ...report });
    },
  });
  const reportOf = (batch: readonly InBatch[], started: number): Omit<BatchReport, 'waiting'> => {
    const audioSeconds = batch.reduce((sum, { piece }) => sum + kind.audioSeconds(piece.chunk), 0);
    const memoryLevels = Math.max(...batch.map(({ work }) => kind.memoryLevels(work.state())));
    return { model, size: batch.length, memoryLevels, audioSeconds, seconds: (performance.now() - started) / 1000 };
  };

  return {
    open: (stream, open) => {
      try {
        registry.add(stream, kind.open(open));
      } catch (error) {
        registry.fail(stream, error);
      }
    },
    ask: (stream, question) => {
      const work = registry.get(stream);
      if (work === undefined) {
        const failure = toFailure(registry.failureOf(stream));
        tell({ type: 'answers', answers: [{ request: question.request, failure }] });
        return;
      }
      work.ask(question);
      batcher.ready(work);
    },
    close: (stream) => {
      const work = registry.remove(stream);
      if (work !== undefined) batcher.forget(work);
    },
  };
}

/*
 * Dynamic micro-batching: streams that have something to be worked on wait in one line, and each batch takes the first
 * of them. Who is served goes to the end of the line, so a fast uploader waits as long as a live stream does.
 */

type BatcherOptions<T> = {
  /** Streams in a batch at most, 1..1024. */ readonly maximumBatch: number;
  /** How long the first of an incomplete batch waits for others, 0..1000 ms. */ readonly maximumWaitMs: number;
  /** Streams that could become ready: where all of them are, there is nobody to wait for. */
  readonly openCount: () => number;
  /** Works on a piece of each, while `waiting` streams have found no place; must not reject. */
  readonly run: (batch: readonly T[], waiting: number) => Promise<void>;
  /** Whether a stream that was served has more. */ readonly isReady: (stream: T) => boolean;
};

type Batcher<T> = {
  /** Puts a stream in line, once. */ readonly ready: (stream: T) => void;
  /** Takes a stream out of the line. */ readonly forget: (stream: T) => void;
};

/** Throws `option/out-of-range`. */
export function createBatcher<T>(options: BatcherOptions<T>): Batcher<T> {
  const { maximumBatch, maximumWaitMs, openCount, run, isReady } = options;
  assertInteger('maximumBatch', maximumBatch, 1, 1024);
  assertInteger('maximumWaitMs', maximumWaitMs, 0, 1000);
  const line = new Set<T>(); // in the order of arrival
  let serving: ReadonlySet<T> = new Set<T>();
  let isRunning = false;
  let timer: NodeJS.Timeout | undefined;

  const serve = async (): Promise<void> => {
    clearTimeout(timer);
    timer = undefined;
    isRunning = true;
    while (line.size > 0) {
      const batch = [...line].slice(0, maximumBatch);
      for (const stream of batch) line.delete(stream);
      serving = new Set(batch);
      await run(batch, line.size);
      serving = new Set<T>();
      for (const stream of batch) if (isReady(stream)) line.add(stream);
    }
    isRunning = false;
  };

  return {
    ready: (stream) => {
      if (serving.has(stream)) return; // looked at again after its batch
      line.add(stream);
      if (isRunning) return;
      if (line.size >= Math.min(maximumBatch, openCount())) void serve();
      else timer ??= setTimeout(() => void serve(), maximumWaitMs);
    },
    forget: (stream) => {
      line.delete(stream);
    },
  };
}

/** A stream in a batch, with its piece. */
type BatchMember<Chunk, State, Output> = {
  readonly work: StreamWork<Chunk, State, Output>;
  readonly piece: Piece<Chunk>;
};

/** What became of a piece. */
export type Outcome<State, Output> = { readonly state: State; readonly output: Output } | { readonly error: unknown };

/** Advances many streams together, each by a chunk; an outcome each. */
type Advance<Chunk, State, Output> = (
  states: readonly State[],
  chunks: readonly Chunk[],
) => Promise<readonly Outcome<State, Output>[]>;

/** An outcome each; where the whole batch fails, each stream is tried alone, so that only the cause of it is lost. */
async function advanceBatch<Chunk, State, Output>(
  advance: Advance<Chunk, State, Output>,
  batch: readonly BatchMember<Chunk, State, Output>[],
): Promise<readonly Outcome<State, Output>[]> {
  if (batch.length === 0) return [];
  try {
    const states = batch.map(({ work }) => work.state());
    const chunks = batch.map(({ piece }) => piece.chunk);
    return await advance(states, chunks);
  } catch (error) {
    if (batch.length === 1) return [{ error }];
    const outcomes: Outcome<State, Output>[] = [];
    for (const each of batch) outcomes.push(...(await advanceBatch(advance, [each])));
    return outcomes;
  }
}

/* Which streams are open, and which have failed and why: whatever is asked of those later fails alike. */

type StreamRegistry<Work extends object> = {
  readonly count: () => number;
  readonly add: (stream: number, work: Work) => void;
  readonly get: (stream: number) => Work | undefined;
  /** Whether it is open still. */ readonly has: (work: Work) => boolean;
  /** Closes a stream because of `error`, also one that could never be opened. */
  readonly fail: (stream: number | Work, error: unknown) => void;
  /** Why a stream is not open. */ readonly failureOf: (stream: number) => unknown;
  /** Forgets a stream; gives what was open of it. */ readonly remove: (stream: number) => Work | undefined;
};

function createStreamRegistry<Work extends object>(): StreamRegistry<Work> {
  const streams = new Map<number, Work>();
  const numberOf = new Map<Work, number>();
  const failed = new Map<number, unknown>();
  const close = (stream: number): Work | undefined => {
    const work = streams.get(stream);
    streams.delete(stream);
    if (work !== undefined) numberOf.delete(work);
    return work;
  };
  return {
    count: () => streams.size,
    add: (stream, work) => {
      streams.set(stream, work);
      numberOf.set(work, stream);
    },
    get: (stream) => streams.get(stream),
    has: (work) => numberOf.has(work),
    fail: (which, error) => {
      const stream = typeof which === 'number' ? which : numberOf.get(which);
      if (stream === undefined) return;
      close(stream);
      failed.set(stream, error);
    },
    failureOf: (stream) =>
      failed.get(stream) ?? new HearkenError('stream/closed', `Expected an open stream, got ${stream}`),
    remove: (stream) => {
      failed.delete(stream);
      return close(stream);
    },
  };
}
