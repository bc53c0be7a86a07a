import type { PrefixBeamState } from '../ctc/prefix-beam.ts';
import { HearkenError } from '../errors.ts';
import type { SpokenGrammar } from '../grammar/code-grammar.ts';
import { memoryArrays, memoryFromArrays } from '../memory/snapshot.ts';
import { emptyMemory, type MemoryState } from '../memory/state.ts';
import type { HostArrays, HostArray } from '../tensor/host-array.ts';
import { decodeSnapshot, encodeSnapshot, type SnapshotKind } from '../tensor/snapshot.ts';
import type { EndpointingChoice } from '../model/decoding.ts';
import type { EndpointerState } from './endpointing.ts';
import type { Engine } from './engine.ts';
import type { AudioState } from './front-end.ts';
import type { HeardParts } from './code-parts.ts';
import { heardBy } from './heard.ts';
import type { DecoderChoice } from './rescoring.ts';
import { restoreGrammar, type SavedGrammar, saveGrammar, savedGrammarSchema } from './saved-grammar.ts';
import { begunSchema, restoreParts, type SavedParts, savedPartsSchema, saveParts } from './saved-parts.ts';
import {
  type BegunCode,
  createUtteranceSearch,
  type Sayable,
  type UtteranceSearch,
  type UtteranceSearchState,
} from './utterance-search.ts';
import { z } from 'zod';

/** Settings of a stream, from its first sample to its last. */
export type StreamSettings = {
  /** What may be said. */ readonly grammar: SpokenGrammar;
  /** What chooses the words of an ended utterance. */ readonly decoder: DecoderChoice;
  /** When utterances end. Default: the model's `decoding.endpointing`. */ readonly endpointing?:
    | EndpointingChoice
    | undefined;
};

/**
 * A stream as a value: plain data, never changed once made, so an old state may be kept and advanced again. Its size
 * depends on N, the vectors so far, as O(log N), and on the utterance under way, which is at most the longest.
 */
export type StreamState = {
  readonly settings: StreamSettings;
  readonly audio: AudioState;
  /** The encoder's `state.*` arrays, `[1, ...]`. */ readonly encoder: HostArrays;
  readonly memory: MemoryState;
  readonly search: UtteranceSearchState;
  /** Labels of the last partial event of the utterance under way. */ readonly shown: readonly number[];
  /** What was heard of a code whose utterances were cut before the one under way. */ readonly parts?:
    | HeardParts
    | undefined;
  /** What may be said once the utterance under way has ended, where that is something else. */
  readonly nextGrammar?: SpokenGrammar;
};

/** The part of a stream's state that its vectors depend on, whatever may be said in it. */
export type EncodeState = Pick<StreamState, 'audio' | 'encoder' | 'memory'>;

/** Before the first sample. */
export function startEncoding(engine: Engine): EncodeState {
  return { audio: engine.front.start(), encoder: engine.encoderStart, memory: emptyMemory() };
}

/** A stream of which nothing was heard yet. */
export function startStream(engine: Engine, settings: StreamSettings): StreamState {
  return {
    settings,
    ...startEncoding(engine),
    search: openSearch(engine, settings).snapshot(),
    shown: [],
  };
}

/** The search of a stream with these settings, at its start or going on from `state`; utterances after the one under way follow `next`. */
export function openSearch(
  engine: Engine,
  { grammar, endpointing }: StreamSettings,
  state?: UtteranceSearchState,
  next: SpokenGrammar = grammar,
): UtteranceSearch {
  const { decoding } = engine.config;
  const chosen = { ...decoding, endpointing: { ...decoding.endpointing, ...endpointing } };
  return createUtteranceSearch(
    {
      vectorMs: engine.secondsPerVector * 1000,
      labelCount: heardBy(engine.config, grammar).labelCount,
      sayable: sayableIn(engine, grammar),
      next: next === grammar ? undefined : sayableIn(engine, next),
      decoding: chosen,
    },
    state,
  );
}

function sayableIn(engine: Engine, grammar: SpokenGrammar): Sayable {
  const { allowed, code } = grammar;
  return { allowed, walk: heardBy(engine.config, grammar).walk, listening: code?.listening };
}

/**
 * The stream, in which utterances that begin from now on follow `grammar`. Throws `grammar/other-symbols` where one is heard by phones and the other by the
 * model's words: the rows of the vectors that the next utterance may still claim are of one of them. Throws `option/out-of-range` as `openSearch` does.
 */
export function withNextGrammar(engine: Engine, state: StreamState, grammar: SpokenGrammar): StreamState {
  if ((grammar.phones === undefined) !== (state.settings.grammar.phones === undefined)) {
    const [expected, got] = grammar.phones === undefined ? ['phones', 'words'] : ['words', 'phones'];
    throw new HearkenError(
      'grammar/other-symbols',
      `Expected a grammar that is heard by ${expected}, as the stream was opened, got one by ${got} of the model`,
    );
  }
  openSearch(engine, { ...state.settings, grammar }); // what cannot be searched by is refused now, not within an utterance
  return { ...state, nextGrammar: grammar };
}

/** Settings of the utterance under way, or of the next one where there is none; and of those after it. */
export function settingsOf({ settings, nextGrammar, search }: StreamState): {
  readonly current: StreamSettings;
  readonly following: StreamSettings;
} {
  const following = nextGrammar === undefined ? settings : { ...settings, grammar: nextGrammar };
  return { current: search.beam === undefined ? following : settings, following };
}

/* What of a stream's state is not arrays, as JSON and back. */

type StreamMetadata = {
  readonly settings: SavedSettings;
  readonly framesInMean: number;
  readonly endpointer: EndpointerState;
  readonly beam?: PrefixBeamState;
  readonly begun?: BegunCode;
  readonly parts?: SavedParts;
  readonly shown: readonly number[];
  readonly nextGrammar?: SavedGrammar;
};

const count = z.int().min(0);
const label = z.int().min(1);
const logProbability = z.number().nullable();
const reason = z.enum(['silence', 'quiet', 'length', 'end']);

type SavedSettings = Omit<StreamSettings, 'grammar'> & { readonly grammar: SavedGrammar };

const settingsFact: z.ZodType<SavedSettings> = z.strictObject({
  grammar: savedGrammarSchema,
  decoder: z.enum(['ctc', 'attention', 'joint']),
  endpointing: z.strictObject({ pauseMs: z.number(), blankThreshold: z.number() }).exactOptional(),
});

const metadataSchema: z.ZodType<StreamMetadata> = z.strictObject({
  settings: settingsFact,
  framesInMean: count,
  endpointer: z.strictObject({
    vectorCount: count,
    loudness: z
      .strictObject({ smoothed: z.number(), minima: z.array(z.number()), maxima: z.array(z.number()), filled: count })
      .exactOptional(),
    loudRun: count,
    silentRun: count,
    blankRun: count,
    settled: count,
    utterance: z
      .strictObject({ start: count, end: count.exactOptional(), reason: reason.exactOptional() })
      .exactOptional(),
  }),
  beam: z
    .strictObject({
      prefixes: z.array(
        z.strictObject({
          labels: z.array(label),
          start: count.exactOptional(),
          blank: logProbability,
          label: logProbability,
        }),
      ),
    })
    .exactOptional(),
  begun: begunSchema.exactOptional(),
  parts: savedPartsSchema.exactOptional(),
  shown: z.array(label),
  nextGrammar: savedGrammarSchema.exactOptional(),
});

/** As JSON that is the same for the same facts; `parseMetadata` takes it back. */
function stringifyMetadata({ settings, audio, search, shown, parts, nextGrammar }: StreamState): string {
  const metadata = {
    settings: { ...settings, grammar: saveGrammar(settings.grammar) },
    framesInMean: audio.runningMean.frameCount,
    endpointer: search.endpointer,
    beam: search.beam,
    begun: search.begun,
    parts: parts && saveParts(parts),
    shown,
    nextGrammar: nextGrammar && saveGrammar(nextGrammar),
  };
  return JSON.stringify(metadata, (_, value: unknown) => (isRecord(value) ? sortedByName(value) : value));
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function sortedByName(record: Record<string, unknown>): Record<string, unknown> {
  return Object.fromEntries(Object.entries(record).toSorted(([a], [b]) => (a < b ? -1 : 1)));
}

/** Parses the metadata of a snapshot. Throws `snapshot/damaged`, naming the field. */
function parseMetadata(json: string): StreamMetadata {
  try {
    return metadataSchema.parse(JSON.parse(json));
  } catch (cause) {
    const field = cause instanceof z.ZodError ? cause.issues[0]?.path.join('.') : 'its JSON';
    throw new HearkenError('snapshot/damaged', `Expected a snapshot with valid facts, got a wrong ${field}`, { cause });
  }
}

/* A stream's state as bytes: bounded as the state is, and restored wherever the same model is loaded. */

const KIND: SnapshotKind = { format: 'hearken-stream', version: 1 };

/** The bytes of `state`; equal states give equal bytes. Throws `grammar/unsaved`. */
export function snapshotStream(engine: Engine, state: StreamState): Uint8Array<ArrayBuffer> {
  const { audio, encoder, memory, search } = state;
  const arrays = {
    'audio.tail': vector(audio.logMel.tail),
    'audio.mean': vector(audio.runningMean.mean),
    'audio.frames': vector(audio.frames),
    'search.rows': vector(search.rows),
    'search.energies': vector(search.energies),
    ...Object.fromEntries(Object.entries(encoder).map(([name, array]) => [`encoder.${name}`, array])),
    ...memoryArrays(engine.config.memory, memory),
  };
  return encodeSnapshot(KIND, arrays, { model: engine.fingerprint, stream: stringifyMetadata(state) });
}

/**
 * The state that `snapshotStream` was given. Throws `snapshot/damaged`, `snapshot/version`, `snapshot/format`,
 * `snapshot/model` where another model made it, or `snapshot/tensor`, naming it.
 */
export function restoreStream(engine: Engine, bytes: Uint8Array): StreamState {
  const { tensors, metadata } = decodeSnapshot(KIND, bytes);
  if (metadata['model'] !== engine.fingerprint) {
    throw new HearkenError(
      'snapshot/model',
      `Expected a snapshot of a stream of model ${engine.fingerprint}, got one of ${metadata['model']}`,
    );
  }
  const parsed = parseMetadata(metadata['stream'] ?? '');
  const memory = memoryFromArrays(engine.config.memory, tensors);
  const encoder = mapNames(engine.encoderStart, (name, { shape }) => named(tensors, `encoder.${name}`, shape));
  const settings = { ...parsed.settings, grammar: restoreGrammar(parsed.settings.grammar, engine.config) };
  return {
    settings,
    audio: restoreAudio(engine, tensors, parsed),
    encoder,
    memory,
    search: restoreSearch(heardBy(engine.config, settings.grammar).labelCount, tensors, parsed, memory.count),
    shown: parsed.shown,
    ...(parsed.parts && { parts: restoreParts(parsed.parts, settings.grammar) }),
    ...(parsed.nextGrammar && { nextGrammar: restoreGrammar(parsed.nextGrammar, engine.config) }),
  };
}

function restoreAudio({ config }: Engine, tensors: HostArrays, { framesInMean }: StreamMetadata): StreamState['audio'] {
  const { bandCount, frameLength } = config.features;
  const tail = floats(tensors, 'audio.tail', frameLength - 1);
  const frames = floats(tensors, 'audio.frames', (config.encoder.frameStack - 1) * bandCount, bandCount);
  const { data: mean } = named(tensors, 'audio.mean', [bandCount]);
  return { logMel: { tail }, runningMean: { frameCount: framesInMean, mean }, frames };
}

/** The search has seen every one of the memory's vectors. */
function restoreSearch(
  labelCount: number,
  tensors: HostArrays,
  { endpointer, beam, begun }: StreamMetadata,
  memoryCount: number,
): StreamState['search'] {
  if (endpointer.vectorCount !== memoryCount) {
    const expected = `Expected a snapshot whose search has seen the memory's ${memoryCount} vectors`;
    throw new HearkenError('snapshot/damaged', `${expected}, got ${endpointer.vectorCount}`);
  }
  const energies = floats(tensors, 'search.energies', endpointer.vectorCount);
  const { data: rows } = named(tensors, 'search.rows', [energies.length * (labelCount + 1)]);
  return { endpointer, rows, energies, ...(beam && { beam }), ...(begun && { begun }) };
}

function vector(data: Float32Array): HostArray {
  return { shape: [data.length], data };
}

function mapNames(arrays: HostArrays, map: (name: string, array: HostArray) => HostArray): HostArrays {
  return Object.fromEntries(Object.entries(arrays).map(([name, array]) => [name, map(name, array)]));
}

/** The vector called `name`, of at most `longest` floats and a multiple of `part`. */
function floats(tensors: HostArrays, name: string, longest: number, part = 1): Float32Array {
  const { length } = tensors[name]?.data ?? [];
  if (length > longest || length % part !== 0) {
    throw new HearkenError('snapshot/tensor', `Expected \`${name}\` of at most ${longest} numbers, got ${length}`);
  }
  return named(tensors, name, [length]).data;
}

function named(tensors: HostArrays, name: string, shape: readonly number[]): HostArray & { data: Float32Array } {
  const { data, shape: got } = tensors[name] ?? {};
  if (!(data instanceof Float32Array) || got?.join() !== shape.join()) {
    throw new HearkenError(
      'snapshot/tensor',
      `Expected \`${name}\` of floats of shape [${shape.join(', ')}], got ${got ? `[${got.join(', ')}]` : 'none'}`,
    );
  }
  return { shape, data };
}
