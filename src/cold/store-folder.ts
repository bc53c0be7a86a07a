/** What lies in the folder of a store: its notes, and how many leaves, or nodes of a level, there are in its files. */
import { mkdirSync, readdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import path from 'node:path';

import { HearkenError } from '../errors.ts';
import type { LeafSizes, Revision } from './cold-types.ts';
import type { LeafLogOptions } from './leaf-log.ts';
import type { LeafPlace } from './leaf-segments.ts';

/** What a store's folder says of it, besides its leaves. */
export type Notes = Pick<LeafSizes, 'depth'> & { readonly base: number; readonly revisions: readonly Revision[] };

/** Leaves that are there; see `LeafLogOptions`. */
export type Extent = LeafLogOptions['held'];

const NOTES_FILE = 'store.json';

/** Whole or not at all. */
export function writeNotes(own: string, notes: Notes): void {
  mkdirSync(own, { recursive: true });
  const file = path.join(own, NOTES_FILE);
  writeFileSync(`${file}.new`, JSON.stringify(notes));
  renameSync(`${file}.new`, file);
}

/** The notes in the folder `own`; undefined where there are none. Throws `snapshot/cold-store` where they are damaged. */
export function readNotes(own: string): Notes | undefined {
  const file = path.join(own, NOTES_FILE);
  try {
    return JSON.parse(readFileSync(file, 'utf8')) as Notes; // as `writeNotes` wrote it
  } catch (error) {
    if (error instanceof SyntaxError) {
      throw new HearkenError('snapshot/cold-store', `Expected notes of a store, got ${file}, which is damaged`);
    }
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined; // of node:fs
    throw error;
  }
}

/** The leaves, or nodes of a level, that lie in the files of a folder. */
export function extentIn(own: string, { size, open }: LeafPlace, base: number): Extent {
  const indices = readdirSync(own).flatMap((file) => (file.endsWith('.keys') ? [Number.parseInt(file, 10)] : []));
  if (indices.length === 0) return { base, lowest: base, count: base };
  const last = Math.max(...indices);
  const segment = open(last);
  const count = Math.max(base, last * size + segment.rows());
  segment.close();
  return { base, lowest: Math.max(base, Math.min(...indices) * size), count };
}
