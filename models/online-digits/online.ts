/**
 * Streams that a decoder writes about while they are heard (`online-walk.ts`), advanced together: their vectors are encoded together, what
 * their memories merge is merged together, and each step of the decoder is one call for all.
 */
import { HearkenError } from '../../src/errors.ts';
import { decoderSteps } from '../../src/decoder/decoder-batch.ts';
import { inLockstep } from '../../src/decoder/lockstep.ts';
import { emptyMemory } from '../../src/memory/state.ts';
import { beginUpdate, memoryAt, mergePendingNodes } from '../../src/memory/update.ts';
import type { Grammar } from '../../src/text/vocabulary.ts';
import { encodeTogether, frameChunk, type StreamChunk } from '../../src/recognizer/encode.ts';
import type { Engine } from '../../src/recognizer/engine.ts';
import { reachOf, startWalk, walkOver, type WalkState, type Walked } from './online-walk.ts';
import { type EncodeState, startEncoding } from '../../src/recognizer/state.ts';
import { valueOf } from '../../src/recognizer/search.ts';

/** A stream as a value; of bounded size, O(log N) where attention sees the memory. */
export type OnlineState = EncodeState & { readonly walk: WalkState };

/** A word that was written; it is never taken back. */
export type OnlineWord = {
  readonly word: string;
  /** Id of its label. */ readonly label: number;
  /** Seconds of the stream that had been heard when it was known. */ readonly time: number;
};

export type OnlineAdvance = { readonly state: OnlineState; readonly words: readonly OnlineWord[] };

/** Before the first sample. Throws `model/config` where the model's decoder does not stop at vectors. */
export function startOnline(engine: Engine): OnlineState {
  reachIn(engine);
  return { ...startEncoding(engine), walk: startWalk() };
}

/**
 * Gives each stream its chunk; result i belongs to stream i. The words are the same however the samples are cut. Rejects where the executor
 * fails, or with the reason of `signal`, which is looked at before each cell runs; the states may then be advanced again. Throws
 * `audio/non-finite-sample`.
 */
export async function advanceOnline(
  engine: Engine,
  grammar: Grammar,
  streams: readonly { readonly state: OnlineState; readonly chunk: StreamChunk }[],
  signal?: AbortSignal,
): Promise<OnlineAdvance[]> {
  const { executor, config, sizes } = engine;
  const reach = reachIn(engine);
  const framed = streams.map(({ state, chunk }) => frameChunk(engine, state, chunk));
  const encodings = await encodeTogether(
    executor,
    sizes,
    framed.map(({ state, audio }) => ({ states: state.encoder, frames: audio.frames })),
    signal,
  );
  const updates = streams.map(({ state }, index) => {
    const { vectors, keys, values } = encodings[index]!; // one for each
    return beginUpdate(config.memory, state.memory, { vectors, keys, values });
  });
  if (reach === undefined) await mergePendingNodes(executor, config.memory, updates, signal);
  const steps = decoderSteps(executor, signal);
  try {
    const walked = await inLockstep(
      streams.map(({ state }, index) => (ask: Parameters<typeof walkOver>[3]) => {
        const update = updates[index]!; // one for each, as are the encodings
        const { vectors } = encodings[index]!;
        const input = { first: state.memory.count, vectors, update: reach === undefined ? update : undefined };
        const walker = { executor, config: config.memory };
        return walkOver(walker, state.walk, { ...input, reach, allowed: grammar.allowed }, ask);
      }),
      steps.run,
    );
    return walked.map((result, index): OnlineAdvance => {
      const { walk, labels } = valueOf<Walked>(result);
      const update = updates[index]!;
      // Attention that sees the newest vectors alone needs no more of a memory than how long it is.
      const memory =
        reach === undefined ? memoryAt(config.memory, update, update.after) : { ...emptyMemory(), count: update.after };
      const { audio } = framed[index]!;
      const state = { audio: audio.state, encoder: encodings[index]!.states, memory, walk };
      return { state, words: labels.map(({ label, vector }) => wordOf(engine, grammar, label, vector)) };
    });
  } finally {
    steps.end();
  }
}

function wordOf({ config, secondsPerVector }: Engine, grammar: Grammar, label: number, vector: number): OnlineWord {
  const { frameLength, hopLength, sampleRate } = config.features;
  const time = (vector + 1) * secondsPerVector + (frameLength - hopLength) / sampleRate; // the last frame's last sample
  return { word: grammar.words.get(label) ?? '', label, time };
}

function reachIn({ config: { decoder } }: Engine): number | undefined {
  const reach = decoder === undefined ? null : reachOf(decoder.attention);
  if (reach !== null && decoder?.firstState === 'zeros') return reach;
  throw new HearkenError(
    'model/config',
    `Expected a decoder whose attention stops (monotonic, mocha, milk) and that starts at zeros, got ${decoder?.attention.kind ?? 'none'}`,
  );
}
