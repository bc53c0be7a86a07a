import { type Advanced, advance } from '../../src/runtime/advance.ts';
import type { Engine } from '../../src/runtime/engine.ts';
import type { RecognitionEvent } from '../../src/runtime/event.ts';
import type { StreamState } from '../../src/runtime/stream-state.ts';
import type { Piece, StreamWork } from './stream-work.ts';

/** A stream in a batch, with its piece. */
export type Served = { readonly work: StreamWork; readonly piece: Piece };

/** What became of a piece. */
export type Outcome =
  | { readonly state: StreamState; readonly events: readonly RecognitionEvent[] }
  | { readonly error: unknown };

/** An outcome each; where the whole batch fails, each stream is tried alone, so that only the cause of it is lost. */
export async function advanceBatch(engine: Engine, batch: readonly Served[]): Promise<readonly Outcome[]> {
  if (batch.length === 0) return [];
  let advanced: Advanced;
  try {
    const states = batch.map(({ work }) => work.state());
    const chunks = batch.map(({ piece }) => piece.chunk);
    advanced = await advance(engine, states, chunks);
  } catch (error) {
    if (batch.length === 1) return [{ error }];
    const outcomes: Outcome[] = [];
    for (const each of batch) outcomes.push(...(await advanceBatch(engine, [each])));
    return outcomes;
  }
  return advanced.outputs.map(({ events, error }, index) =>
    // A state for each output.
    error === undefined ? { state: advanced.states[index] as StreamState, events } : { error },
  );
}
