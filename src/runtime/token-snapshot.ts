/** A stream of tokens as bytes, bounded as its state is. */
import { HearkenError } from '../errors.ts';
import { memoryArrays, memoryFromArrays } from '../memory/snapshot.ts';
import type { HostArrays } from '../tensor/host-array.ts';
import { decodeSnapshot, encodeSnapshot, type SnapshotKind } from '../tensor/snapshot.ts';
import type { TokenEngine, TokenState } from './token-stream.ts';

const KIND: SnapshotKind = { format: 'hearken-tokens', version: 1 };

/** The bytes of `state`, with `notes` that its owner wants back. */
export function snapshotTokens(
  { config, fingerprint }: TokenEngine,
  { before, memory }: TokenState,
  notes: string,
): Uint8Array<ArrayBuffer> {
  const arrays: HostArrays = { before, ...memoryArrays(config.memory, memory) };
  return encodeSnapshot(KIND, arrays, { model: fingerprint, notes });
}

/** What `snapshotTokens` was given. Throws `snapshot/...`, `snapshot/model` where another model made it. */
export function restoreTokens(
  { config, fingerprint }: TokenEngine,
  bytes: Uint8Array,
): { readonly state: TokenState; readonly notes: string } {
  const { tensors, metadata } = decodeSnapshot(KIND, bytes);
  if (metadata['model'] !== fingerprint) {
    throw new HearkenError('snapshot/model', `Expected a snapshot of ${fingerprint}, got one of ${metadata['model']}`);
  }
  const { before } = tensors;
  if (before?.shape.join() !== `1,${config.memory.depth}` || !(before.data instanceof Float32Array)) {
    throw new HearkenError('snapshot/tensor', `Expected \`before\` of shape [1, ${config.memory.depth}], got another`);
  }
  return { state: { before, memory: memoryFromArrays(config.memory, tensors) }, notes: metadata['notes'] ?? '' };
}
