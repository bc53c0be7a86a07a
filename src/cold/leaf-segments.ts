/** Where leaves lie, and nodes above them: in pieces of a fixed number of rows, each of which is in memory, or in a file for each part. */
import {
  closeSync,
  existsSync,
  fstatSync,
  ftruncateSync,
  mkdirSync,
  openSync,
  readSync,
  rmSync,
  writeSync,
} from 'node:fs';
import path from 'node:path';

import { HearkenError } from '../errors.ts';

export type LeafPart = 'keys' | 'values';

/** What leaves have; nodes have keys alone. */
const LEAF_PARTS = ['keys', 'values'] as const;

/** Consecutive leaves, each a row of keys and a row of values of depth D; or nodes, each a row of keys. */
export type LeafSegment = {
  readonly write: (row: number, rows: Rows) => void;
  /** `count` rows from number `row` on, `[count, D]`; only to be read, and only until the next call. */
  readonly read: (part: LeafPart, row: number, count: number) => Float32Array;
  /** Rows that were written and can be read. */ readonly rows: () => number;
  /** Lets go of all rows from number `rows` on. */ readonly truncate: (rows: number) => void;
  readonly close: () => void;
};

/** Rows of each part. */
export type Rows = { readonly keys: Float32Array; readonly values?: Float32Array };

export type LeafPlace = {
  /** Leaves of a segment. */ readonly size: number;
  readonly open: (index: number) => LeafSegment;
  /** Deletes a segment, which must be closed. */ readonly remove: (index: number) => void;
};

/** Rows of a segment in memory: what is let go of at once when they grow too old. */
const MEMORY_SEGMENT = 4_096;
/** Leaves of a segment in files. */
const FILE_SEGMENT = 65_536;
/** Leaves that a segment in memory has room for at first; it grows by doubling. */
const FIRST_ROOM = 64;

/** Segments in memory, of rows with `parts`. */
export function memoryPlace(
  depth: number,
  size: number = MEMORY_SEGMENT,
  parts: readonly LeafPart[] = LEAF_PARTS,
): LeafPlace {
  return { size, open: () => memorySegment(depth, size, parts), remove: () => undefined };
}

function memorySegment(depth: number, size: number, parts: readonly LeafPart[]): LeafSegment {
  const first = Math.min(size, FIRST_ROOM) * depth;
  const held = new Map(parts.map((part) => [part, new Float32Array(first)]));
  let written = 0;
  return {
    write: (row, rows) => {
      const end = row + rows.keys.length / depth;
      for (const part of parts) {
        let own = held.get(part)!; // there is one for each
        if (end * depth > own.length) {
          const larger = new Float32Array(depth * Math.min(size, Math.max(end, (2 * own.length) / depth)));
          larger.set(own);
          held.set(part, (own = larger));
        }
        own.set(rows[part] ?? [], row * depth);
      }
      written = end;
    },
    read: (part, row, count) => held.get(part)?.subarray(row * depth, (row + count) * depth) ?? new Float32Array(0),
    rows: () => written,
    truncate: (rows) => void (written = Math.min(written, rows)),
    close: () => undefined,
  };
}

/** Segments in files `INDEX.keys` and `INDEX.values` of `folder`, by `parts`: rows of little-endian float32, and nothing else. */
export function filePlace(
  folder: string,
  depth: number,
  size: number = FILE_SEGMENT,
  parts: readonly LeafPart[] = LEAF_PARTS,
): LeafPlace {
  mkdirSync(folder, { recursive: true });
  return {
    size,
    open: (index) => fileSegment(path.join(folder, `${index}`), depth, parts),
    remove: (index) => {
      for (const part of parts) rmSync(path.join(folder, `${index}.${part}`), { force: true });
    },
  };
}

function fileSegment(name: string, depth: number, parts: readonly LeafPart[]): LeafSegment {
  const open = (part: LeafPart): number => {
    const file = `${name}.${part}`;
    return openSync(file, existsSync(file) ? 'r+' : 'w+');
  };
  const files = new Map(parts.map((part) => [part, open(part)]));
  const rowBytes = depth * Float32Array.BYTES_PER_ELEMENT;
  let rows = Math.floor(Math.min(...Array.from(files.values(), (file) => fstatSync(file).size)) / rowBytes);
  return {
    write: (row, given) => {
      for (const [part, file] of files) writeWhole(file, given[part] ?? new Float32Array(0), row * rowBytes);
      rows = row + given.keys.length / depth;
    },
    read: (part, row, count) => {
      const data = new Float32Array(count * depth);
      const bytes = new Uint8Array(data.buffer);
      let done = 0;
      while (done < bytes.length) {
        const read = readSync(files.get(part)!, bytes, done, bytes.length - done, row * rowBytes + done); // rows have it
        if (read === 0) {
          const expected = `Expected ${count} rows from ${row} of ${name}.${part} on`;
          throw new HearkenError('leaves/failed', `${expected}, got its end`);
        }
        done += read;
      }
      return data;
    },
    rows: () => rows,
    truncate: (to) => {
      for (const file of files.values()) ftruncateSync(file, to * rowBytes);
      rows = to;
    },
    close: () => {
      for (const file of files.values()) closeSync(file);
    },
  };
}

function writeWhole(file: number, data: Float32Array, position: number): void {
  const bytes = new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
  for (let done = 0; done < bytes.length; ) done += writeSync(file, bytes, done, bytes.length - done, position + done);
}
