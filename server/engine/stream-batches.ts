/** The streams of one model inside the engine's thread, advanced in batches. */
import { HearkenError } from '../../src/errors.ts';
import type { Engine } from '../../src/runtime/engine.ts';
import { advanceBatch, type Served } from './advance-batch.ts';
import { createBatcher } from './batcher.ts';
import { toFailure } from './failure.ts';
import type { Answer, BatchReport, FromEngine, OpenStream, ToEngine } from './messages.ts';
import { createResamplers } from './resamplers.ts';
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
  const streams = new Map<number, StreamWork>();
  /** Streams that failed, and why: all that is asked of them later fails alike. */
  const failed = new Map<number, unknown>();
  const numberOf = new Map<StreamWork, number>();

  const fail = (work: StreamWork, error: unknown, piece?: Piece): readonly Answer[] => {
    const stream = numberOf.get(work);
    const requests = work.giveUp(piece);
    if (stream === undefined) return []; // closed meanwhile
    failed.set(stream, error);
    remove(stream);
    return requests.map((request) => ({ request, failure: toFailure(error) }));
  };
  const remove = (stream: number): void => {
    const work = streams.get(stream);
    if (work === undefined) return;
    streams.delete(stream);
    numberOf.delete(work);
    batcher.forget(work);
  };

  const batcher = createBatcher<StreamWork>({
    maximumBatch,
    maximumWaitMs,
    openCount: () => streams.size,
    isReady: (work) => numberOf.has(work) && work.isReady(),
    run: async (works) => {
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
      tell({ type: 'answers', answers, ...(batch.length > 0 && { batch: reportOf(batch, started) }) });
    },
  });
  const reportOf = (batch: readonly Served[], started: number): BatchReport => {
    const sampleCount = batch.reduce((sum, { piece }) => sum + piece.chunk.samples.length, 0);
    const audioSeconds = sampleCount / engine.config.features.sampleRate;
    return { model, size: batch.length, audioSeconds, seconds: (performance.now() - started) / 1000 };
  };

  return {
    engine,
    open: (stream, open) => {
      try {
        const work = openStreamWork(engine, resamplerFrom(open.sampleRate), open);
        streams.set(stream, work);
        numberOf.set(work, stream);
      } catch (error) {
        failed.set(stream, error);
      }
    },
    ask: (stream, asked) => {
      const work = streams.get(stream);
      if (work === undefined) {
        const error = failed.get(stream) ?? new HearkenError('stream/closed', `Expected an open stream, got ${stream}`);
        tell({ type: 'answers', answers: [{ request: asked.request, failure: toFailure(error) }] });
        return;
      }
      work.ask(asked);
      batcher.ready(work);
    },
    close: (stream) => {
      remove(stream);
      failed.delete(stream);
    },
  };
}
