/**
 * Words as they are said: a decoder whose attention stops at vectors (monotonic, MoChA, MILk) walks over a stream, and writes a label as soon as
 * it stops, of nothing that comes later. What is written stays. Where the decoder writes its end, it begins anew behind it, so that a stream
 * needs no other endpoints.
 *
 * Monotonic attention sees the vector at which it stops, MoChA the chunk that ends there, MILk the memory as it was then, from the beginning of
 * the sequence of words on. The walk goes on behind a stop, not at it as in the paper's algorithm 1: so a vector brings one label at the most,
 * and a stream costs O(N) steps.
 *
 * Reference: Raffel et al., 2017, algorithm 1, https://arxiv.org/abs/1704.00784
 */
import { MASKED, heldEntries, liveEntries } from '../../src/memory/state.ts';
import type { MemoryConfig } from '../../src/memory/config.ts';
import { type MemoryUpdate, memoryAt } from '../../src/memory/update.ts';
import type { Span } from '../../src/memory/schedule.ts';
import type { AttentionConfig } from '../../src/attention/config.ts';
import {
  type DecodedRow,
  type DecoderMemory,
  type DecoderRequest,
  type DecoderRowState,
  prepareDecoder,
} from '../../src/decoder/decoder-batch.ts';
import type { Executor } from '../../src/cell/executor.ts';
import { append } from '../../src/tensor/append.ts';

/** Where a walk stands; plain data, never changed once made. */
export type WalkState = {
  /** Number of the first vector of the sequence of words under way. */ readonly start: number;
  /** The newest label, 0 at a sequence's beginning. */ readonly token: number;
  /** What the step that wrote it left; absent at a sequence's beginning. */ readonly state:
    | DecoderRowState
    | undefined;
  /** `[n, D]`: the newest vectors, as many as a chunk that ends at the next one reaches back to. */ readonly recent: Float32Array;
};

/** A label that was written, and the number of the vector at which it was. */
export type WrittenLabel = { readonly label: number; readonly vector: number };

/** What a walk can see in some of its vectors: the memory's entries when the last of them is there. */
type View = {
  /** Vectors that are walked over. */ readonly vectors: Span;
  /** The vectors that each entry stands for. */ readonly spans: readonly Span[];
  readonly entries: Float32Array;
  readonly bias: Float32Array;
};

/** What is walked over: the vectors of a chunk, and what the memory makes of them. */
export type WalkInput = {
  /** Number of the chunk's first vector. */ readonly first: number;
  /** `[n, D]` */ readonly vectors: Float32Array;
  /** The memory's update by the chunk; of MILk only. */ readonly update: MemoryUpdate | undefined;
};

export type Walked = { readonly walk: WalkState; readonly labels: readonly WrittenLabel[] };

/** Asks for a step of the decoder. */
export type AskStep = (request: DecoderRequest) => Promise<readonly DecodedRow[]>;

/** The walk before the first vector of a stream. */
export function startWalk(): WalkState {
  return { start: 0, token: 0, state: undefined, recent: new Float32Array(0) };
}

/** Vectors before a stop that attention sees from it; `undefined` where it sees the memory. Attention that never stops gives `null`. */
export function reachOf(attention: AttentionConfig): number | undefined | null {
  if (attention.kind === 'monotonic') return 0;
  if (attention.kind === 'mocha') return attention.chunk - 1;
  return attention.kind === 'milk' ? undefined : null;
}

/** Views of the chunk, in order: together they hold each of its vectors once. */
function viewsOf(config: MemoryConfig, walk: WalkState, input: WalkInput): View[] {
  const { first, vectors, update } = input;
  const { depth } = config;
  const vectorCount = vectors.length / depth;
  if (vectorCount === 0) return [];
  if (update === undefined) {
    const entries = append(walk.recent, vectors);
    const oldest = first - walk.recent.length / depth;
    const spans = Array.from({ length: entries.length / depth }, (_, entry) => ({
      start: oldest + entry,
      end: oldest + entry + 1,
    }));
    const bias = new Float32Array(spans.length);
    return [{ vectors: { start: first, end: first + vectorCount }, spans, entries, bias }];
  }
  const views: View[] = [];
  for (let start = first; start < first + vectorCount; ) {
    const end = Math.min(first + vectorCount, lastCountOfBlock(config, start + 1));
    const { entries, bias } = heldEntries(config, memoryAt(config, update, end));
    const spans = liveEntries(config, end).map(({ span }) => span);
    views.push({ vectors: { start, end }, spans, entries, bias });
    start = end;
  }
  return views;
}

/** The most vectors for which the memory has the same summaries as after `count`. */
function lastCountOfBlock({ window, leafFanIn }: MemoryConfig, count: number): number {
  const merges = Math.max(0, Math.floor((count - window) / leafFanIn));
  return window + leafFanIn * (merges + 1) - 1;
}

/** Walks over a chunk. `allowed` are the ids of the labels that may be written. */
export async function walkOver(
  { executor, config }: { readonly executor: Executor; readonly config: MemoryConfig },
  before: WalkState,
  input: WalkInput & { readonly reach: number | undefined; readonly allowed: readonly number[] },
  ask: AskStep,
): Promise<Walked> {
  const views = viewsOf(config, before, input);
  const prepared = await prepareDecoder(executor, views);
  const labels: WrittenLabel[] = [];
  let walk = before;
  for (const [index, view] of views.entries()) {
    const memory = prepared[index]!; // one for each view
    for (let next = view.vectors.start; next < view.vectors.end; ) {
      const stopped = await stepFrom(view, memory, walk, next, ask);
      if (stopped === undefined) break; // it may stop at what comes
      const { vector, row } = stopped;
      const label = bestOf(row.logProbabilities, input.allowed);
      if (label > 0) labels.push({ label, vector });
      next = vector + 1;
      walk = label > 0 ? { ...walk, token: label, state: keptState(row.state) } : { ...walk, ...beginAt(next) };
    }
  }
  const { depth } = config;
  const recent = append(before.recent, input.vectors);
  const kept = Math.min(recent.length, (input.reach ?? 0) * depth);
  return { walk: { ...walk, recent: recent.slice(recent.length - kept) }, labels };
}

function beginAt(vector: number): Pick<WalkState, 'start' | 'token' | 'state'> {
  return { start: vector, token: 0, state: undefined };
}

/** One step, which may stop at vector `next` of the view or behind it. */
async function stepFrom(
  { spans }: View,
  memory: DecoderMemory,
  walk: WalkState,
  next: number,
  ask: AskStep,
): Promise<{ readonly vector: number; readonly row: DecodedRow } | undefined> {
  const ahead = Float32Array.from(spans, ({ end }) => (end <= next ? 1 : 0)); // what lies behind was passed
  const bias = memory.bias.map((mass, entry) => (spans[entry]!.end <= walk.start ? MASKED : mass)); // as many as spans
  const state = { ...walk.state, [AHEAD]: ahead };
  const [row] = await ask({ memory: { ...memory, bias }, rows: [{ token: walk.token, state }] });
  const entry = row!.state[AHEAD]!.findIndex((passed) => passed < 0.5); // a row was asked for, of attention that stops
  return entry < 0 ? undefined : { vector: spans[entry]!.start, row: row! };
}

const AHEAD = 'state.ahead';

/** Copies of what a step left, but for where it stopped, which is known: a state must not keep the batch alive. */
function keptState(state: DecoderRowState): DecoderRowState {
  const kept = Object.entries(state).filter(([name]) => name !== AHEAD);
  return Object.fromEntries(kept.map(([name, data]) => [name, data.slice()]));
}

/** The likeliest of the end, 0, and the labels that are allowed. */
function bestOf(logProbabilities: Float32Array, allowed: readonly number[]): number {
  return allowed.reduce((best, label) => (logProbabilities[label]! > logProbabilities[best]! ? label : best), 0);
}
