/** Where leaves lie: in pieces of a fixed number of leaves, each of which is in memory, or in two files. */
import { closeSync, existsSync, fstatSync, mkdirSync, openSync, readSync, rmSync, writeSync } from 'node:fs';
import path from 'node:path';

export type LeafPart = 'keys' | 'values';

/** Consecutive leaves, each a row of keys and a row of values of depth D. */
export type LeafSegment = {
  readonly write: (row: number, keys: Float32Array, values: Float32Array) => void;
  /** `count` rows from number `row` on, `[count, D]`; only to be read, and only until the next call. */
  readonly read: (part: LeafPart, row: number, count: number) => Float32Array;
  /** Rows that were written and can be read. */ readonly rows: () => number;
  readonly close: () => void;
};

export type LeafPlace = {
  /** Leaves of a segment. */ readonly size: number;
  readonly open: (index: number) => LeafSegment;
  /** Deletes a segment, which must be closed. */ readonly remove: (index: number) => void;
};

/** Leaves of a segment in memory: what is let go of at once when leaves grow too old. */
const MEMORY_SEGMENT = 4_096;
/** Leaves of a segment in files. */
const FILE_SEGMENT = 65_536;
/** Leaves that a segment in memory has room for at first; it grows by doubling. */
const FIRST_ROOM = 64;

/** Segments in memory. */
export function memoryPlace(depth: number, size: number = MEMORY_SEGMENT): LeafPlace {
  return { size, open: () => memorySegment(depth, size), remove: () => undefined };
}

function memorySegment(depth: number, size: number): LeafSegment {
  const room = (rows: number): Record<LeafPart, Float32Array> => ({
    keys: new Float32Array(rows * depth),
    values: new Float32Array(rows * depth),
  });
  let held = room(Math.min(size, FIRST_ROOM));
  let written = 0;
  return {
    write: (row, keys, values) => {
      const end = row + keys.length / depth;
      if (end * depth > held.keys.length) {
        const larger = room(Math.min(size, Math.max(end, (2 * held.keys.length) / depth)));
        for (const part of ['keys', 'values'] as const) larger[part].set(held[part]);
        held = larger;
      }
      held.keys.set(keys, row * depth);
      held.values.set(values, row * depth);
      written = end;
    },
    read: (part, row, count) => held[part].subarray(row * depth, (row + count) * depth),
    rows: () => written,
    close: () => undefined,
  };
}

/** Segments in files `INDEX.keys` and `INDEX.values` of `folder`: rows of little-endian float32, and nothing else. */
export function filePlace(folder: string, depth: number, size: number = FILE_SEGMENT): LeafPlace {
  mkdirSync(folder, { recursive: true });
  return {
    size,
    open: (index) => fileSegment(path.join(folder, `${index}`), depth),
    remove: (index) => {
      for (const part of ['keys', 'values']) rmSync(path.join(folder, `${index}.${part}`), { force: true });
    },
  };
}

function fileSegment(name: string, depth: number): LeafSegment {
  const open = (part: LeafPart): number => {
    const file = `${name}.${part}`;
    return openSync(file, existsSync(file) ? 'r+' : 'w+');
  };
  const files = { keys: open('keys'), values: open('values') };
  const rowBytes = depth * Float32Array.BYTES_PER_ELEMENT;
  let rows = Math.floor(Math.min(fstatSync(files.keys).size, fstatSync(files.values).size) / rowBytes);
  return {
    write: (row, keys, values) => {
      writeWhole(files.keys, keys, row * rowBytes);
      writeWhole(files.values, values, row * rowBytes);
      rows = row + keys.length / depth;
    },
    read: (part, row, count) => {
      const data = new Float32Array(count * depth);
      const bytes = new Uint8Array(data.buffer);
      let done = 0;
      while (done < bytes.length) {
        const read = readSync(files[part], bytes, done, bytes.length - done, row * rowBytes + done);
        if (read === 0) throw new Error(`Expected ${count} leaves from row ${row} of ${name}.${part} on, got its end`);
        done += read;
      }
      return data;
    },
    rows: () => rows,
    close: () => {
      closeSync(files.keys);
      closeSync(files.values);
    },
  };
}

function writeWhole(file: number, data: Float32Array, position: number): void {
  const bytes = new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
  for (let done = 0; done < bytes.length; ) done += writeSync(file, bytes, done, bytes.length - done, position + done);
}
