/** A stream's state as bytes: bounded as the state is, and restored wherever the same model is loaded. */
import { HearkenError } from '../errors.ts';
import { memoryArrays, memoryFromArrays } from '../memory/snapshot.ts';
import type { HostArray, HostArrays } from '../tensor/host-array.ts';
import { decodeSnapshot, encodeSnapshot, type SnapshotKind } from '../tensor/snapshot.ts';
import type { Engine } from './engine.ts';
import { parseFacts, type StreamFacts, stringifyFacts } from './stream-facts.ts';
import type { StreamState } from './stream-state.ts';

const KIND: SnapshotKind = { format: 'hearken-stream', version: 1 };

/** The bytes of `state`; equal states give equal bytes. */
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
  return encodeSnapshot(KIND, arrays, { model: engine.fingerprint, stream: stringifyFacts(state) });
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
  const facts = parseFacts(metadata['stream'] ?? '');
  const memory = memoryFromArrays(engine.config.memory, tensors);
  const encoder = mapNames(engine.encoderStart, (name, { shape }) => named(tensors, `encoder.${name}`, shape));
  return {
    settings: facts.settings,
    audio: restoreAudio(engine, tensors, facts),
    encoder,
    memory,
    search: restoreSearch(engine, tensors, facts),
    shown: facts.shown,
  };
}

function restoreAudio({ config }: Engine, tensors: HostArrays, { framesInMean }: StreamFacts): StreamState['audio'] {
  const { bandCount, frameLength } = config.features;
  const tail = floats(tensors, 'audio.tail', frameLength - 1);
  const frames = floats(tensors, 'audio.frames', (config.encoder.stack - 1) * bandCount, bandCount);
  const { data: mean } = named(tensors, 'audio.mean', [bandCount]);
  return { logMel: { tail }, runningMean: { frameCount: framesInMean, mean }, frames };
}

function restoreSearch({ config }: Engine, tensors: HostArrays, facts: StreamFacts): StreamState['search'] {
  const { endpointer, beam } = facts;
  const energies = floats(tensors, 'search.energies', endpointer.vectorCount);
  const { data: rows } = named(tensors, 'search.rows', [energies.length * (config.vocabulary.labels.length + 1)]);
  return { endpointer, rows, energies, ...(beam && { beam }) };
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
