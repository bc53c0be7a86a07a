/** The streams of one model inside the engine's thread, advanced in batches. */
import type { Engine } from '../../src/runtime/engine.ts';
import { advanceBatch, type Served } from './advance-batch.ts';
import { createBatcher } from './batcher.ts';
import { toFailure } from './failure.ts';
import type { Answer, BatchReport, FromEngine, OpenStream, ToEngine } from './messages.ts';
import { createResamplers } from './resamplers.ts';
import { createStreamRegistry } from './stream-registry.ts';
import { openStreamWork, type Piece, type StreamWork } from './stream-work.ts';

export type StreamBatches = {
  readonly engine: Engine;
  /** Where it cannot be opened, the stream's first request fails with the reason. */
  readonly open: (stream: number, options: OpenStream) => void;
  readonly ask: (stream: number, asked: Exclude<ToEngine, { type: 'open' | 'close' }>) => void;
  /** Forgets the stream; what it was still asked for gets no answer. */ readonly close: (stream: number) => void;
};

export type StreamBatchesOptions = {
  readonly maximumBatch: number;
  readonly maximumWaitMs: number;
  readonly tell: (message: FromEngine) => void;
};

export function createStreamBatches(model: string, engine: Engine, options: StreamBatchesOptions): StreamBatches {
  const { maximumBatch, maximumWaitMs, tell } = options;
  const resamplerFrom = createResamplers(engine.config.features.sampleRate);
  const registry = createStreamRegistry();
  const fail = (work: StreamWork, error: unknown, piece?: Piece): readonly Answer[] => {
    const requests = work.giveUp(piece);
    if (!registry.has(work)) return []; // closed meanwhile
    registry.fail(work, error);
    batcher.forget(work);
    return requests.map((request) => ({ request, failure: toFailure(error) }));
  };

  const batcher = createBatcher<StreamWork>({
    maximumBatch,
    maximumWaitMs,
    openCount: registry.count,
    isReady: (work) => registry.has(work) && work.isReady(),
    run: async (works, waiting) => {
      const started = performance.now();
      const answers: Answer[] = [];
      const batch: Served[] = [];
      for (const work of works) {
        try {
          const piece = work.takePiece();
          answers.push(...piece.snapshots);
          if (piece.completes.length > 0 || piece.sampleCount > 0) batch.push({ work, piece });
        } catch (error) {
          answers.push(...fail(work, error));
        }
      }
      for (const [index, outcome] of (await advanceBatch(engine, batch)).entries()) {
        const { work, piece } = batch[index] as Served; // an outcome each
        if ('error' in outcome) answers.push(...fail(work, outcome.error, piece));
        else answers.push(...work.advanceTo(outcome.state, outcome.events, piece));
      }
      const report = batch.length > 0 && { batch: { ...reportOf(batch, started), waiting } };
      tell({ type: 'answers', answers, ...report });
    },
  });
  const reportOf = (batch: readonly Served[], started: number): Omit<BatchReport, 'waiting'> => {
    const sampleCount = batch.reduce((sum, { piece }) => sum + piece.chunk.samples.length, 0);
    const audioSeconds = sampleCount / engine.config.features.sampleRate;
    const memoryLevels = Math.max(...batch.map(({ work }) => work.state().memory.levels.length));
    return { model, size: batch.length, memoryLevels, audioSeconds, seconds: (performance.now() - started) / 1000 };
  };

  return {
    engine,
    open: (stream, open) => {
      try {
        registry.add(stream, openStreamWork(engine, resamplerFrom(open.sampleRate), open));
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
