/** The streams of one model inside the engine's thread, advanced in batches. */
import { type Advance, advanceBatch, type Served } from './advance-batch.ts';
import { createBatcher } from './batcher.ts';
import { toFailure } from './failure.ts';
import type { Answer, BatchReport, FromEngine, StreamQuestion } from './messages.ts';
import { createStreamRegistry } from './stream-registry.ts';
import type { Piece, StreamWork } from './stream-work.ts';

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
  readonly ask: (stream: number, asked: StreamQuestion) => void;
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
  type InBatch = Served<Chunk, State, Output>;
  const { maximumBatch, maximumWaitMs, tell } = options;
  const registry = createStreamRegistry<Work>();
  const fail = (work: Work, error: unknown, piece?: Piece<Chunk>): readonly Answer[] => {
    const requests = work.giveUp(piece);
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
    ask: (stream, asked) => {
      const work = registry.get(stream);
      if (work === undefined) {
        const failure = toFailure(registry.failureOf(stream));
        tell({ type: 'answers', answers: [{ request: asked.request, failure }] });
        return;
      }
      work.ask(asked);
      batcher.ready(work);
    },
    close: (stream) => {
      const work = registry.remove(stream);
      if (work !== undefined) batcher.forget(work);
    },
  };
}
