import { advance } from '../../src/recognizer/advance.ts';
import type { StreamChunk } from '../../src/recognizer/encode.ts';
import type { Engine } from '../../src/recognizer/engine.ts';
import type { RecognitionEvent } from '../../src/recognizer/events.ts';
import type { StreamState } from '../../src/recognizer/state.ts';

/** `advance` for a stream alone. */
export async function advanceOne(
  engine: Engine,
  state: StreamState,
  chunk: StreamChunk,
): Promise<readonly [StreamState, readonly RecognitionEvent[]]> {
  const { states, outputs } = await advance(engine, [state], [chunk]);
  const [output] = outputs;
  if (output?.error !== undefined) throw output.error;
  return [states[0] ?? state, output?.events ?? []];
}
