/**
 * Snapshots: named arrays and strings with a format, a version and a checksum, in the safetensors layout, so that other
 * tools can look into them. What was damaged, or written by another version, is refused rather than believed.
 */
import { crc32 } from 'node:zlib';

import { HearkenError } from '../errors.ts';
import type { HostArrays } from './host-array.ts';
import { decodeSafetensors, encodeSafetensors, type SafetensorsFile } from './safetensors.ts';

export type SnapshotKind = {
  /** Name of what is stored, for example `hearken-memory`. */ readonly format: string;
  /** Counts up whenever what is stored, or what it means, changes. */ readonly version: number;
};

/** The bytes of a snapshot. `metadata` may not use the names `format`, `version` and `checksum`. */
export function encodeSnapshot(
  { format, version }: SnapshotKind,
  tensors: HostArrays,
  metadata: Readonly<Record<string, string>> = {},
): Uint8Array<ArrayBuffer> {
  const described = { ...metadata, format, version: String(version) };
  return encodeSafetensors(tensors, { ...described, checksum: checksumOf(tensors, described) });
}

/**
 * The arrays and metadata that `encodeSnapshot` was given. Throws `snapshot/format`, `snapshot/version` or
 * `snapshot/damaged` (its cause tells where the layout breaks, if it does).
 */
export function decodeSnapshot({ format, version }: SnapshotKind, bytes: Uint8Array): SafetensorsFile {
  const { tensors, metadata } = decodeLayout(bytes);
  const { checksum, ...described } = metadata;
  if (described['format'] !== format) {
    throw new HearkenError('snapshot/format', `Expected a snapshot of \`${format}\`, got ${described['format']}`);
  }
  if (described['version'] !== String(version)) {
    throw new HearkenError(
      'snapshot/version',
      `Expected version ${version} of \`${format}\`, got ${described['version']}`,
    );
  }
  if (checksum !== checksumOf(tensors, described)) {
    throw new HearkenError('snapshot/damaged', `Expected the content to have checksum ${checksum}, it has another`);
  }
  const { format: _format, version: _version, ...rest } = described;
  return { tensors, metadata: rest };
}

function decodeLayout(bytes: Uint8Array): SafetensorsFile {
  try {
    return decodeSafetensors(bytes);
  } catch (cause) {
    throw new HearkenError('snapshot/damaged', 'Expected a whole snapshot, got bytes that are not one', { cause });
  }
}

/** Over the very bytes that the snapshot would have without its checksum: names, shapes and strings count as well. */
function checksumOf(tensors: HostArrays, metadata: Readonly<Record<string, string>>): string {
  const sorted = Object.fromEntries(Object.entries(metadata).toSorted(([a], [b]) => (a < b ? -1 : 1)));
  return crc32(encodeSafetensors(tensors, sorted)).toString(16).padStart(8, '0');
}
