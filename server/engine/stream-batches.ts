/** The streams of one model inside the engine's thread, advanced in batches. */
import { HearkenError } from '../../src/errors.ts';
import { type Advanced, advance } from '../../src/runtime/advance.ts';
import type { Engine } from '../../src/runtime/engine.ts';
import { createBatcher } from './batcher.ts';
import { toFailure } from './failure.ts';
import type { Answer, FromEngine, OpenStream, ToEngine } from './messages.ts';
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

/** A stream in a batch, with its piece. */
type Served = { readonly work: StreamWork; readonly piece: Piece };

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

  /** Advances the batch; where the whole of it fails, each stream alone, so that only the cause of it is lost. */
  const advanceAll = async (batch: readonly Served[]): Promise<readonly Answer[]> => {
    let advanced: Advanced;
    try {
      advanced = await advance(
        engine,
        batch.map(({ work }) => work.state()),
        batch.map(({ piece }) => piece.chunk),
      );
    } catch (error) {
      const [only, ...others] = batch;
      if (only === undefined) return [];
      if (others.length === 0) return fail(only.work, error, only.piece);
      const answers: Answer[] = [];
      for (const each of batch) answers.push(...(await advanceAll([each])));
      return answers;
    }
    return batch.flatMap(({ work, piece }, index) => {
      const state = advanced.states[index];
      const { events = [], error } = advanced.outputs[index] ?? {};
      if (error !== undefined || state === undefined) return fail(work, error, piece);
      return work.advanceTo(state, events, piece);
    });
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
      let audioSeconds = 0;
      for (const work of works) {
        try {
          const piece = work.takePiece();
          answers.push(...work.takeSnapshots());
          if (piece.completes.length === 0 && piece.sampleCount === 0) continue;
          batch.push({ work, piece });
          audioSeconds += piece.chunk.samples.length / engine.config.features.sampleRate;
        } catch (error) {
          answers.push(...fail(work, error));
        }
      }
      answers.push(...(await advanceAll(batch)));
      const report = { model, size: batch.length, audioSeconds, seconds: (performance.now() - started) / 1000 };
      tell({ type: 'answers', answers, ...(batch.length > 0 && { batch: report }) });
    },
  });

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
