/** A `StreamSnapshot` as bytes: a line of JSON, the resampler's tail, the trace where there is one, the state. */
import { HearkenError } from '../../src/errors.ts';
import type { StreamSnapshot } from '../engine/protocol.ts';

type SnapshotMetadata = {
  readonly tailLength: number;
  readonly traceLength: number;
  readonly resamplerPhase: number;
  readonly samplesHeard: number;
  readonly samplesBefore: number;
};

export function snapshotToBytes(snapshot: StreamSnapshot): Uint8Array<ArrayBuffer> {
  const { state, resamplerTail, trace = new Uint8Array(0), ...numbers } = snapshot;
  const metadata: SnapshotMetadata = { ...numbers, tailLength: resamplerTail.length, traceLength: trace.length };
  const tail = new Uint8Array(resamplerTail.buffer, resamplerTail.byteOffset, resamplerTail.byteLength);
  return Uint8Array.from(Buffer.concat([Buffer.from(`${JSON.stringify(metadata)}\n`), tail, trace, state]));
}

/** Decodes a snapshot. Throws `session/damaged` on anything that `snapshotToBytes` did not write. */
export function snapshotFromBytes(bytes: Uint8Array): StreamSnapshot {
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const lineEnd = buffer.indexOf('\n');
  const metadata = parseMetadata(buffer.subarray(0, Math.max(0, lineEnd)).toString());
  const tailEnd = lineEnd + 1 + 4 * metadata.tailLength;
  const traceEnd = tailEnd + metadata.traceLength;
  if (traceEnd > bytes.length) throw damaged();
  const { tailLength: _tail, traceLength, ...numbers } = metadata;
  return {
    ...numbers,
    resamplerTail: new Float32Array(Uint8Array.from(buffer.subarray(lineEnd + 1, tailEnd)).buffer),
    state: Uint8Array.from(buffer.subarray(traceEnd)),
    ...(traceLength > 0 && { trace: Uint8Array.from(buffer.subarray(tailEnd, traceEnd)) }),
  };
}

function parseMetadata(text: string): SnapshotMetadata {
  let metadata: Partial<SnapshotMetadata>;
  try {
    metadata = { ...(JSON.parse(text) as Partial<SnapshotMetadata> | null) }; // checked below
  } catch {
    throw damaged();
  }
  const { tailLength, traceLength, resamplerPhase, samplesHeard, samplesBefore } = metadata;
  for (const value of [tailLength, traceLength, resamplerPhase, samplesHeard, samplesBefore]) {
    if (!Number.isInteger(value) || (value ?? -1) < 0) throw damaged();
  }
  return metadata as SnapshotMetadata; // every field is a whole number
}

function damaged(): HearkenError {
  return new HearkenError('session/damaged', 'Expected the snapshot of a stream, got other bytes');
}
