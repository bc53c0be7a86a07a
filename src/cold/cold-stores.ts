/** Where the cold stores of a model's streams lie: in memory, or in a folder, which outlasts the program. */
import { randomUUID } from 'node:crypto';
import { existsSync, rmSync } from 'node:fs';
import path from 'node:path';

import { HearkenError } from '../errors.ts';
import { closedStore, createColdStore, type SharedStore } from './cold-store.ts';
import type { ColdName, ColdStore, ColdStores, LeafSizes, Revision } from './cold-types.ts';
import { onFiles } from './file-failures.ts';
import { createLeafLog } from './leaf-log.ts';
import { filePlace, type LeafPlace, memoryPlace } from './leaf-segments.ts';
import { createNodeLogs, type NodeLogs } from './node-logs.ts';
import { type Extent, extentIn, readNotes, writeNotes } from './store-folder.ts';
import { lockStore, type StoreLock } from './store-lock.ts';

export type ColdStoresOptions = {
  /** Where leaves lie, a folder a stream; default in memory. */ readonly folder?: string | undefined;
  /** From how many leaves on they are searched by an index; below it exactly. */ readonly indexFrom?: number;
};

/** Leaves that are searched one by one in less time than an index takes to learn them. */
const INDEX_FROM = 32_768;

/** A store, and whether a stream has it. */
type Held = { readonly store: SharedStore; isInUse: boolean };

/** The folder of a store, which is locked. */
type Own = { readonly folder: string; readonly lock: StoreLock };

export function createColdStores({ folder, indexFrom = INDEX_FROM }: ColdStoresOptions = {}): ColdStores {
  const held = new Map<string, Held>();
  const open = (
    id: string,
    sizes: LeafSizes,
    extent: Extent,
    revisions: readonly Revision[],
    own: Own | undefined,
  ): Held => {
    const { depth, retention } = sizes;
    const { base } = extent;
    const place = own === undefined ? memoryPlace(depth) : filePlace(own.folder, depth);
    const store = createColdStore({
      id,
      base,
      sizes,
      log: createLeafLog(place, { depth, retention, held: extent }),
      nodes: nodeLogsOf(own?.folder, sizes, base),
      revisions,
      indexFrom,
      onRevision: (next) => {
        if (own !== undefined) writeNotes(own.folder, { depth, base, revisions: next });
      },
      assertThere: (count) => {
        if (own !== undefined) assertThere(own, place, base, count);
      },
      onClose: (kept) => {
        held.delete(id);
        if (kept) own?.lock.release();
        else if (own !== undefined) rmSync(own.folder, { recursive: true, force: true });
      },
    });
    const opened = { store, isInUse: true };
    held.set(id, opened);
    return opened;
  };
  const folderOf = (id: string): string | undefined => (folder === undefined ? undefined : path.join(folder, id));
  return {
    create: (sizes, base = 0) => {
      const id = randomUUID();
      const begin = (own?: Own): Held => open(id, sizes, { base, lowest: base, count: base }, [], own);
      const own = folderOf(id);
      if (own === undefined) return leased(begin(), undefined);
      return onFiles(own, 'leaves/folder', () => {
        try {
          writeNotes(own, { depth: sizes.depth, base, revisions: [] });
          return leased(locked(own, begin), own);
        } catch (error) {
          if (existsSync(own)) rmSync(own, { recursive: true });
          throw error;
        }
      });
    },
    find: (name, sizes, onLeavesDropped) => {
      const own = folderOf(name.id);
      const goOn = (store: SharedStore): void => {
        const dropped = goOnFrom(store, name);
        if (dropped > 0) onLeavesDropped?.(dropped);
      };
      const known = held.get(name.id);
      if (known?.isInUse) {
        throw new HearkenError('leaves/in-use', `Expected leaves that no other stream has, got cold store ${name.id}`);
      }
      if (own === undefined) {
        if (known === undefined) throw missing(name, folder);
        goOn(known.store);
        known.isInUse = true;
        return leased(known, undefined);
      }
      return onFiles(own, 'leaves/folder', () => {
        if (readNotes(own) === undefined) throw missing(name, folder);
        return locked(own, (place) => {
          const { extent, revisions } = foundIn(own, name, sizes);
          const found = open(name.id, sizes, extent, revisions, place);
          try {
            goOn(found.store);
          } catch (error) {
            found.store.close(true);
            throw error;
          }
          return leased(found, own);
        });
      });
    },
    close: () => {
      for (const { store } of held.values()) store.close(true);
    },
  };
}

/** The store as one stream has it, until that ends. */
function leased(held: Held, own: string | undefined): ColdStore {
  const { store } = held;
  let isOver = false;
  const guarded =
    <Given extends readonly unknown[], Result>(work: (...given: Given) => Result) =>
    (...given: Given): Result => {
      if (isOver) throw closedStore(store.id);
      return own === undefined ? work(...given) : onFiles(own, 'leaves/failed', () => work(...given));
    };
  const end = guarded((kept: boolean | 'named') => {
    const stays = kept === 'named' ? store.takeBack() : kept;
    held.isInUse = false;
    isOver = true;
    if (own === undefined && stays) return; // memory keeps what is not closed
    store.close(stays);
  });
  return {
    id: store.id,
    base: store.base,
    first: store.first,
    mark: store.mark,
    goOnFrom: guarded(store.goOnFrom),
    append: guarded(store.append),
    search: guarded(store.search),
    leafKeys: guarded(store.leafKeys),
    leaf: guarded(store.leaf),
    nodeCount: guarded(store.nodeCount),
    appendNodes: guarded(store.appendNodes),
    nodeKeys: guarded(store.nodeKeys),
    name: guarded(store.name),
    close: ({ kept = false } = {}) => {
      if (!isOver) end(kept);
    },
  };
}

/** Locks the folder `own` for the store that `work` opens there, and gives it back where that fails. */
function locked<Result>(own: string, work: (own: Own) => Result): Result {
  const lock = lockStore(own);
  try {
    return work({ folder: own, lock });
  } catch (error) {
    lock.release();
    throw error;
  }
}

/** Takes back what came after `name`; gives how many leaves there were. */
function goOnFrom(store: SharedStore, name: ColdName): number {
  const dropped = store.mark().count - name.count;
  try {
    store.goOnFrom(name);
    store.name(name);
  } catch (error) {
    if (!(error instanceof HearkenError) || error.code !== 'memory/cold-store') throw error;
    throw new HearkenError('snapshot/cold-store', error.message, { cause: error });
  }
  return dropped;
}

function missing({ id, count, base }: ColdName, folder: string | undefined): HearkenError {
  const place = folder === undefined ? 'in the memory of this model' : `in ${folder}`;
  return new HearkenError(
    'snapshot/cold-store',
    `Expected cold store ${id} with the ${count - base} leaves of the stream, got none ${place}: go on where it lies, or without its leaves`,
  );
}

/** Whether the store stands where a snapshot would look for it: someone may have removed the folder, or put another in its place. */
function assertThere({ folder, lock }: Own, place: LeafPlace, base: number, count: number): void {
  const isThere = lock.isThere();
  const found = isThere ? extentIn(folder, place, base).count : base;
  if (isThere && found >= count) return;
  throw new HearkenError(
    'leaves/failed',
    `Expected the ${count - base} leaves of the stream in ${folder}, got ${found - base}: no snapshot of it could go on`,
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

/** What lies in the folder `own` for a stream that goes on from `name`. */
function foundIn(
  own: string,
  name: ColdName,
  sizes: LeafSizes,
): { readonly extent: Extent; readonly revisions: readonly Revision[] } {
  const { depth, base, revisions } = readNotes(own) ?? { depth: sizes.depth, base: name.base, revisions: [] };
  const extent = extentIn(own, filePlace(own, sizes.depth), base);
  if (depth !== sizes.depth || base !== name.base || extent.count < name.count) {
    throw new HearkenError(
      'snapshot/cold-store',
      `Expected ${name.count - name.base} leaves of depth ${sizes.depth} in ${own}, got ${extent.count - base} of depth ${depth}`,
    );
  }
  return { extent, revisions };
}
