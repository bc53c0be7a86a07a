/** The two kinds of streams that models hear. */
import { advance } from '../../src/runtime/advance.ts';
import type { StreamChunk } from '../../src/runtime/encode-chunks.ts';
import type { Engine } from '../../src/runtime/engine.ts';
import type { RecognitionEvent } from '../../src/runtime/event.ts';
import type { StreamState } from '../../src/runtime/stream-state.ts';
import {
  advanceTokens,
  startTokens,
  type TokenEncoding,
  type TokenEngine,
  type TokenState,
} from '../../src/runtime/token-stream.ts';
import type { Outcome } from './advance-batch.ts';
import type { OpenStream, OpenTokens } from './messages.ts';
import { createResamplers } from './resamplers.ts';
import type { StreamKind } from './stream-batches.ts';
import { openStreamWork } from './stream-work.ts';
import { openTokenWork, type TokenChunk } from './token-work.ts';

export function speechStreams(
  engine: Engine,
): StreamKind<OpenStream, StreamChunk, StreamState, readonly RecognitionEvent[]> {
  const { sampleRate } = engine.config.features;
  const resamplerFrom = createResamplers(sampleRate);
  return {
    open: (open) => openStreamWork(engine, resamplerFrom(open.sampleRate), open),
    advance: async (states, chunks) => {
      const advanced = await advance(engine, states, chunks);
      return advanced.outputs.map(({ events, error }, index) =>
        // A state for each output.
        error === undefined ? { state: advanced.states[index] as StreamState, output: events } : { error },
      );
    },
    memoryLevels: ({ memory }) => memory.levels.length,
    audioSeconds: ({ samples }) => samples.length / sampleRate,
  };
}

type TokenStreams = StreamKind<OpenTokens, TokenChunk, TokenState, TokenEncoding | undefined>;
type TokenOutcome = Outcome<TokenState, TokenEncoding | undefined>;

export async function tokenStreams(engine: TokenEngine): Promise<TokenStreams> {
  const start = await startTokens(engine);
  return {
    open: (open) => openTokenWork(engine, start, open),
    advance: async (states, chunks) => {
      const tokens = chunks.map((chunk) => chunk.tokens);
      const isAdvancing = tokens.map(({ length }) => length > 0); // a flush may come alone
      const only = <T>(all: readonly T[]): T[] => all.filter((_, index) => isAdvancing[index]);
      const advanced = (await advanceTokens(engine, only(states), only(tokens))).values();
      return states.map((state, index): TokenOutcome => {
        const outcome = isAdvancing[index] ? advanced.next().value : undefined;
        if (outcome === undefined) return { state, output: undefined };
        return 'error' in outcome ? outcome : { state: outcome.state, output: outcome.encoding };
      });
    },
    memoryLevels: ({ memory }) => memory.levels.length,
    audioSeconds: () => 0,
  };
}
