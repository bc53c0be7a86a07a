/**
 * Snapshots and session records. Their checksums would refuse every change, so the changed content is given a right one: what
 * another version wrote, or an enemy.
 */
import { crc32 } from 'node:zlib';

import type { Engine } from '../../../src/recognizer/engine.ts';
import { decodeRecord, encodeRecord, type SessionRecord } from '../../../server/sessions/session-record.ts';
import { snapshotFromBytes, snapshotToBytes } from '../../../server/sessions/stream-bytes.ts';
import { parseStart } from '../../../server/native/client-message.ts';
import { BinnedTrace } from '../../../src/recognizer/attention-trace.ts';
import { loadEngine } from '../../../src/recognizer/load-engine.ts';
import { advanceOne } from '../../recognizer/advance-one.ts';
import { restoreStream, snapshotStream } from '../../../src/recognizer/state.ts';
import { startStream, type StreamState } from '../../../src/recognizer/state.ts';
import { restoreTokens, snapshotTokens } from '../../../src/tokens/stream.ts';
import type { TokenEngine } from '../../../src/tokens/stream.ts';
import { emptyMemory } from '../../../src/memory/state.ts';
import { memoryArrays, memoryFromArrays } from '../../../src/memory/snapshot.ts';
import { decodeSafetensors } from '../../../src/tensor/safetensors.ts';
import { encodeSnapshot } from '../../../src/tensor/snapshot.ts';
import { resolveGrammar } from '../../../src/text/vocabulary.ts';
import { assertFinite, type FuzzTarget } from '../target.ts';
import { MODEL_FOLDER, SOUND } from './model.ts';

let loading: Promise<Engine> | undefined;

function engineOf(): Promise<Engine> {
  return (loading ??= loadEngine(MODEL_FOLDER, 'cpu'));
}

async function heard(engine: Engine, chunks: number): Promise<{ state: StreamState; trace: BinnedTrace }> {
  const trace = new BinnedTrace(engine);
  let state = startStream(engine, { grammar: resolveGrammar(engine.config.vocabulary), decoder: 'joint' });
  for (let index = 0; index < chunks; index++) {
    [state] = await advanceOne(engine, state, { samples: SOUND, isLast: false, trace });
  }
  return { state, trace };
}

/** The bytes of a snapshot with the checksum that its content has. */
function withChecksum(bytes: Uint8Array): Uint8Array {
  const { tensors, metadata } = decodeSafetensors(bytes);
  const { format = '', version = '', checksum: _, ...rest } = metadata;
  return encodeSnapshot({ format, version: Number(version) }, tensors, rest);
}

export const STREAM_SNAPSHOT: FuzzTarget = {
  name: 'stream-snapshot',
  cases: 400,
  seeds: async () => {
    const engine = await engineOf();
    return Promise.all([0, 1, 9].map(async (chunks) => snapshotStream(engine, (await heard(engine, chunks)).state)));
  },
  open: async () => {
    const engine = await engineOf();
    return async (bytes) => {
      const state = restoreStream(engine, withChecksum(bytes));
      const [next] = await advanceOne(engine, state, { samples: SOUND, isLast: true });
      assertFinite(next.search.rows);
    };
  },
};

export const TRACE_SNAPSHOT: FuzzTarget = {
  name: 'trace-snapshot',
  cases: 800,
  seeds: async () => {
    const engine = await engineOf();
    return Promise.all([1, 9].map(async (chunks) => (await heard(engine, chunks)).trace.snapshot()));
  },
  open: async () => {
    const engine = await engineOf();
    return (bytes) => {
      new BinnedTrace(engine, withChecksum(bytes)).snapshot();
    };
  },
};

export const TOKEN_SNAPSHOT: FuzzTarget = {
  name: 'token-snapshot',
  cases: 2_000,
  seeds: async () =>
    [0, 3, 50].map((count) => {
      const memory = memoryFromArrays(
        TOKENS.config.memory,
        memoryArrays(TOKENS.config.memory, { ...emptyMemory(), count }),
      );
      const before = { shape: [1, TOKENS.config.memory.depth], data: new Float32Array(TOKENS.config.memory.depth) };
      return snapshotTokens(TOKENS, { encoder: { 'state.before': before }, memory }, '{"notes":1}');
    }),
  open: async () => (bytes) => {
    restoreTokens(TOKENS, withChecksum(bytes));
  },
};

const TOKENS: TokenEngine = {
  config: {
    memory: { depth: 4, heads: 2, window: 4, leafFanIn: 2, fanIn: 2, slots: 1, tokenCountBias: false },
    alphabetSize: 10,
    labelCount: 8,
  },
  executor: undefined as never, // nothing is computed
  fingerprint: 'tokens',
};

const RECORD: SessionRecord = {
  session: 'session',
  epoch: 'epoch',
  revision: 3,
  owner: 'owner',
  client: 'key:somebody',
  modelVersion: 'version',
  samples: 16_000,
  nextEvent: 2,
  events: ['{"type":"endpoint","offset":0,"time":1,"reason":"silence"}', '{"type":"answers","offset":1}'],
  start: { type: 'start', encoding: 's16le', sampleRate: 16_000, model: 'codes-en', grammar: ['one', 'two'] },
  isClosed: false,
  state: new Uint8Array(8),
};

/** The record of a session, and what is in it. */
export const SESSION_RECORD: FuzzTarget = {
  name: 'session-record',
  cases: 3_000,
  seeds: async () => [encodeRecord({ ...RECORD, state: STREAM_BYTES }), encodeRecord({ ...RECORD, isClosed: true })],
  open: async () => (bytes) => {
    const record = decodeRecord(rightRecord(bytes));
    parseStart(record.start);
    snapshotFromBytes(record.state);
  },
};

/** With the checksum of what follows the first line. */
function rightRecord(bytes: Uint8Array): Uint8Array {
  const buffer = Buffer.from(bytes);
  const lineEnd = buffer.indexOf('\n');
  const line = buffer.subarray(0, Math.max(0, lineEnd)).toString();
  const checksum = crc32(buffer.subarray(lineEnd + 1));
  return Buffer.concat([
    Buffer.from(line.replace(/"checksum":\d+/, `"checksum":${checksum}`)),
    buffer.subarray(Math.max(0, lineEnd)),
  ]);
}

const STREAM_BYTES: Uint8Array = snapshotToBytes({
  state: Uint8Array.of(1, 2, 3),
  trace: Uint8Array.of(4, 5),
  resamplerTail: Float32Array.of(0.5, -0.5),
  resamplerPhase: 1,
  samplesHeard: 10,
  samplesBefore: 0,
});

export const STREAM_BYTES_TARGET: FuzzTarget = {
  name: 'stream-bytes',
  cases: 3_000,
  seeds: async () => [STREAM_BYTES],
  open: async () => (bytes) => {
    snapshotFromBytes(bytes);
  },
};
