import type { Engine } from '../../src/recognizer/engine.ts';
import type { RecognitionEvent } from '../../src/recognizer/events.ts';
import type { StreamState } from '../../src/recognizer/state.ts';
import { advanceOne } from './advance-one.ts';
import { openStream } from './tiny-engine.ts';

export type Listened = { readonly state: StreamState; readonly events: readonly RecognitionEvent[] };

/** Gives `chunks` to a stream one after the other; the stream ends with the last one unless `goesOn`. */
export async function listen(
  engine: Engine,
  chunks: readonly Float32Array[],
  { from = openStream(engine), goesOn = false }: { from?: StreamState; goesOn?: boolean } = {},
): Promise<Listened> {
  const events: RecognitionEvent[] = [];
  let state = from;
  for (const [index, samples] of chunks.entries()) {
    const isLast = !goesOn && index === chunks.length - 1;
    const [next, heard] = await advanceOne(engine, state, { samples, isLast });
    state = next;
    events.push(...heard);
  }
  return { state, events };
}

/** What does not depend on how the audio was cut: everything but partials, numbers rounded where floats differ. */
export function settled(events: readonly RecognitionEvent[]): unknown[] {
  return events
    .filter(({ type }) => type !== 'partial')
    .map((event) =>
      JSON.parse(JSON.stringify(event, (_, value) => (typeof value === 'number' ? round(value) : value))),
    );
}

function round(value: number): number {
  return Math.round(value * 1e3) / 1e3;
}

/** The largest difference between two states: encoder, memory and rows of the utterance. */
export function stateDifference(a: StreamState, b: StreamState): number {
  const floats = ({ encoder, memory, search, audio }: StreamState): ArrayLike<number>[] => [
    ...Object.values(encoder).map(({ data }) => data),
    memory.window.vectors,
    memory.window.keys,
    memory.window.values,
    ...memory.levels.flat().flatMap(({ vectors, keys, values }) => [vectors, keys, values]),
    search.rows,
    search.energies,
    audio.runningMean.mean,
    audio.frames,
    audio.logMel.tail,
  ];
  const [left, right] = [floats(a), floats(b)];
  if (left.map(({ length }) => length).join() !== right.map(({ length }) => length).join())
    return Number.POSITIVE_INFINITY;
  return Math.max(
    0,
    ...left.flatMap((array, index) =>
      Array.from(array, (value, at) => Math.abs(value - (right[index]?.[at] ?? Number.NaN))),
    ),
  );
}
