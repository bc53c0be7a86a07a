/** A memory alone as bytes; streams keep theirs among their own arrays. */
import type { MemoryConfig } from '../../src/memory/config.ts';
import { type ColdSource, memoryArrays, memoryFromArrays } from '../../src/memory/snapshot.ts';
import type { MemoryState } from '../../src/memory/state.ts';
import { decodeSnapshot, encodeSnapshot, type SnapshotKind } from '../../src/tensor/snapshot.ts';

const KIND: SnapshotKind = { format: 'hearken-memory', version: 1 };

export function snapshotMemory(config: MemoryConfig, state: MemoryState): Uint8Array<ArrayBuffer> {
  return encodeSnapshot(KIND, memoryArrays(config, state));
}

export function restoreMemory(config: MemoryConfig, bytes: Uint8Array, cold?: ColdSource): MemoryState {
  return memoryFromArrays(config, decodeSnapshot(KIND, bytes).tensors, cold);
}
