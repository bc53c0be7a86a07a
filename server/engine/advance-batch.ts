import type { Piece, StreamWork } from './stream-work.ts';

/** A stream in a batch, with its piece. */
export type Served<Chunk, State, Output> = {
  readonly work: StreamWork<Chunk, State, Output>;
  readonly piece: Piece<Chunk>;
};

/** What became of a piece. */
export type Outcome<State, Output> = { readonly state: State; readonly output: Output } | { readonly error: unknown };

/** Advances many streams together, each by a chunk; an outcome each. */
export type Advance<Chunk, State, Output> = (
  states: readonly State[],
  chunks: readonly Chunk[],
) => Promise<readonly Outcome<State, Output>[]>;

/** An outcome each; where the whole batch fails, each stream is tried alone, so that only the cause of it is lost. */
export async function advanceBatch<Chunk, State, Output>(
  advance: Advance<Chunk, State, Output>,
  batch: readonly Served<Chunk, State, Output>[],
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
