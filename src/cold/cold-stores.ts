/** Where the cold stores of a model's streams lie: in memory, or in a folder, which outlasts the program. */
import { randomUUID } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';

import { HearkenError } from '../errors.ts';
import { createColdStore } from './cold-store.ts';
import type { ColdName, ColdStore, ColdStores, LeafSizes, Revision } from './cold-types.ts';
import { createLeafLog, type LeafLogOptions } from './leaf-log.ts';
import { filePlace, type LeafPlace, memoryPlace } from './leaf-segments.ts';
import { createNodeLogs, type NodeLogs } from './node-logs.ts';

export type ColdStoresOptions = {
  /** Where leaves lie, a folder a stream; default in memory. */ readonly folder?: string | undefined;
  /** From how many leaves on they are searched by an index; below it exactly. */ readonly indexFrom?: number;
};

/** Leaves that are searched one by one in less time than an index takes to learn them. */
const INDEX_FROM = 32_768;
/** What a store's folder says of it, besides its leaves. */
const NOTES_FILE = 'store.json';

type Notes = Pick<LeafSizes, 'depth'> & { readonly base: number; readonly revisions: readonly Revision[] };
/** Leaves that are there; see `LeafLogOptions`. */
type Extent = LeafLogOptions['held'];
type Held = { readonly store: ColdStore; readonly end: () => void };

export function createColdStores({ folder, indexFrom = INDEX_FROM }: ColdStoresOptions = {}): ColdStores {
  const held = new Map<string, Held>();
  const folderOf = (id: string): string | undefined => (folder === undefined ? undefined : path.join(folder, id));
  const open = (id: string, sizes: LeafSizes, extent: Extent, revisions: readonly Revision[]): ColdStore => {
    const own = folderOf(id);
    const { depth, retention } = sizes;
    const { base } = extent;
    const store = createColdStore({
      id,
      base,
      sizes,
      log: createLeafLog(own === undefined ? memoryPlace(depth) : filePlace(own, depth), {
        depth,
        retention,
        held: extent,
      }),
      nodes: nodeLogsOf(own, sizes, base),
      revisions,
      indexFrom,
      onRevision: (next) => {
        if (own !== undefined) writeNotes(own, { depth, base, revisions: next });
      },
      onClose: (kept) => {
        held.delete(id);
        if (own !== undefined && !kept) rmSync(own, { recursive: true, force: true });
      },
    });
    const close: ColdStore['close'] = ({ kept = false } = {}) => {
      if (kept && own === undefined) return; // memory keeps what is not closed
      store.close({ kept });
    };
    const opened = { ...store, close };
    held.set(id, { store: opened, end: () => store.close({ kept: true }) });
    return opened;
  };
  return {
    create: (sizes, base = 0) => {
      const id = randomUUID();
      const own = folderOf(id);
      if (own !== undefined) writeNotes(own, { depth: sizes.depth, base, revisions: [] });
      return open(id, sizes, { base, lowest: base, count: base }, []);
    },
    find: (name, sizes) => {
      const own = folderOf(name.id);
      const known = held.get(name.id)?.store;
      const store = known ?? (own === undefined ? undefined : fromFolder(own, name, sizes, open));
      if (store === undefined) throw missing(name, folder);
      try {
        store.goOnFrom(name);
      } catch (error) {
        if (!(error instanceof HearkenError)) throw error;
        throw new HearkenError('snapshot/cold-store', error.message, { cause: error });
      }
      return store;
    },
    close: () => {
      for (const { end } of held.values()) end();
    },
  };
}

function missing({ id, count, base }: ColdName, folder: string | undefined): HearkenError {
  const place = folder === undefined ? 'in the memory of this model' : `in ${folder}`;
  return new HearkenError(
    'snapshot/cold-store',
    `Expected cold store ${id} with the ${count - base} leaves of the stream, got none ${place}: go on where it lies, or without its leaves`,
  );
}

/** The keys of nodes, in folders beside the leaves or in memory, where leaves are found by a walk. */
function nodeLogsOf(own: string | undefined, sizes: LeafSizes, base: number): NodeLogs | undefined {
  const { nodes, retention } = sizes;
  if (nodes === undefined) return undefined;
  const placeOf = (level: number): LeafPlace => {
    if (own === undefined) return memoryPlace(nodes.depth, undefined, ['keys']);
    return filePlace(path.join(own, `nodes-${level}`), nodes.depth, undefined, ['keys']);
  };
  const heldOf = (level: number, first: number): Extent => {
    if (own === undefined) return { base: first, lowest: first, count: first };
    return extentIn(path.join(own, `nodes-${level}`), placeOf(level), first);
  };
  return createNodeLogs({ sizes: nodes, base, retention, placeOf, heldOf });
}

type Open = (id: string, sizes: LeafSizes, extent: Extent, revisions: readonly Revision[]) => ColdStore;

function fromFolder(own: string, name: ColdName, sizes: LeafSizes, open: Open): ColdStore | undefined {
  const file = path.join(own, NOTES_FILE);
  if (!existsSync(file)) return undefined;
  const { depth, base, revisions } = JSON.parse(readFileSync(file, 'utf8')) as Notes; // as `writeNotes` wrote it
  const extent = extentIn(own, filePlace(own, sizes.depth), base);
  if (depth !== sizes.depth || base !== name.base || extent.count < name.count) {
    throw new HearkenError(
      'snapshot/cold-store',
      `Expected ${name.count - name.base} leaves of depth ${sizes.depth} in ${own}, got ${extent.count - base} of depth ${depth}`,
    );
  }
  return open(name.id, sizes, extent, revisions);
}

/** The leaves, or nodes of a level, that lie in the files of a folder. */
function extentIn(own: string, { size, open }: LeafPlace, base: number): Extent {
  const indices = readdirSync(own).flatMap((file) => (file.endsWith('.keys') ? [Number.parseInt(file, 10)] : []));
  if (indices.length === 0) return { base, lowest: base, count: base };
  const last = Math.max(...indices);
  const segment = open(last);
  const count = Math.max(base, last * size + segment.rows());
  segment.close();
  return { base, lowest: Math.max(base, Math.min(...indices) * size), count };
}

/** Whole or not at all. */
function writeNotes(own: string, notes: Notes): void {
  mkdirSync(own, { recursive: true });
  const file = path.join(own, NOTES_FILE);
  writeFileSync(`${file}.new`, JSON.stringify(notes));
  renameSync(`${file}.new`, file);
}
