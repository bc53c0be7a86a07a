/**
 * The cold store of one stream: keys and values of the vectors that left its window, its *leaves*, found again by inner product. It
 * lies outside the stream's state, which only tells where in it the stream stands: a *mark*. A stream may be gone on with from an
 * older mark, which takes back the leaves behind it; marks of what was taken back are refused from then on, so that nobody reads
 * leaves of another course of the stream.
 */
import { HearkenError } from '../errors.ts';
import type { ColdMark, ColdStore, LeafSizes, Revision } from './cold-types.ts';
import { searchExactly } from './exact-search.ts';
import { createLeafIndex, type LeafIndex } from './index-search.ts';
import type { LeafLog } from './leaf-log.ts';
import type { NodeLogs } from './node-logs.ts';

export type ColdStoreParts = {
  readonly id: string;
  readonly base: number;
  readonly sizes: LeafSizes;
  readonly log: LeafLog;
  /** Where leaves are found by a walk. */ readonly nodes: NodeLogs | undefined;
  readonly revisions: readonly Revision[];
  /** From how many leaves on they are searched by an index, where `usearch` is installed. */ readonly indexFrom: number;
  /** Is told of each revision. */ readonly onRevision: (revisions: readonly Revision[]) => void;
  /** Throws where fewer than `count` leaves are where a snapshot would look for them. */
  readonly assertThere: (count: number) => void;
  readonly onClose: (kept: boolean) => void;
};

/** A store whose streams come one after another. */
export type SharedStore = Omit<ColdStore, 'close'> & {
  /** Goes back to what the last snapshot names; whether there is one. What cannot be taken back now is where the store is found again. */
  readonly takeBack: () => boolean;
  readonly close: (kept: boolean) => void;
};

export function createColdStore(parts: ColdStoreParts): SharedStore {
  const { id, base, sizes, log, nodes, indexFrom } = parts;
  let { revisions } = parts;
  let index: LeafIndex | undefined;
  let isClosed = false;
  let named: ColdMark | undefined;
  const assertOpen = (): void => {
    if (isClosed) throw closedStore(id);
  };
  const mark = (): ColdMark => ({ revision: revisions.at(-1)?.revision ?? 0, count: log.count() });
  const goOnFrom = (from: ColdMark): void => {
    assertOpen();
    assertMark(id, from, mark(), revisions);
    nodes?.truncate(from.count);
    if (from.count === log.count()) return;
    log.assertKept(from.count);
    const next = { revision: mark().revision + 1, from: from.count };
    revisions = [...revisions.filter((each) => each.from < from.count), next];
    parts.onRevision(revisions); // before it: whoever is killed in between leaves no other leaves under an old mark
    log.truncate(from.count);
    index?.truncate(from.count);
  };
  return {
    id,
    base,
    first: log.first,
    mark,
    goOnFrom,
    name: (next) => {
      assertOpen();
      parts.assertThere(next.count);
      named = next;
      log.hold(next.count);
      nodes?.hold(next.count);
    },
    takeBack: () => {
      if (named === undefined) return false;
      try {
        goOnFrom(named);
      } catch (error) {
        if (!(error instanceof HearkenError || (error instanceof Error && 'syscall' in error))) throw error;
      }
      return true;
    },
    append: (keys, values) => {
      assertOpen();
      log.append({ keys, values });
      index?.follow(log);
    },
    search: (queries, nearest) => {
      assertOpen();
      const held = log.count() - log.first();
      const each = (queries.length / sizes.depth) | 0;
      if (held <= nearest) {
        const all = Array.from({ length: held }, (_, offset) => log.first() + offset);
        return Array.from({ length: each }, () => all);
      }
      if (index === undefined && held > indexFrom) {
        index = createLeafIndex(sizes);
        index?.follow(log);
      }
      const byHead = index?.search(queries, nearest) ?? searchExactly(log, sizes, queries, nearest);
      return Array.from({ length: each }, (_, query) =>
        union(byHead.slice(query * sizes.heads, (query + 1) * sizes.heads)),
      );
    },
    leafKeys: (first, count) => {
      const keys = new Float32Array(count * sizes.depth);
      log.eachKeys(first, first + count, (block, from) => keys.set(block, (from - first) * sizes.depth));
      return keys;
    },
    leaf: (number) => ({ keys: log.row('keys', number), values: log.row('values', number) }),
    nodeCount: (level) => nodesOf(id, nodes).count(level),
    appendNodes: (level, keys) => {
      assertOpen();
      nodesOf(id, nodes).append(level, keys);
    },
    nodeKeys: (level, number) => nodesOf(id, nodes).keys(level, number),
    close: (kept) => {
      if (isClosed) return;
      isClosed = true;
      index = undefined;
      log.close();
      nodes?.close();
      parts.onClose(kept);
    },
  };
}

export function closedStore(id: string): HearkenError {
  return new HearkenError('memory/cold-store', `Expected an open cold store, got ${id}, which was closed`);
}

function nodesOf(id: string, nodes: NodeLogs | undefined): NodeLogs {
  if (nodes !== undefined) return nodes;
  throw new HearkenError('memory/cold-store', `Expected cold store ${id} to keep nodes, got one that is searched`);
}

/** Whether the store still holds what it held at `mark`. */
function assertMark(id: string, mark: ColdMark, now: ColdMark, revisions: readonly Revision[]): void {
  const { revision, count } = mark;
  const since = revisions.filter((each) => each.revision > revision);
  const intact = Math.min(now.count, ...since.map(({ from }) => from));
  if (revision <= now.revision && count <= intact) return;
  throw new HearkenError(
    'memory/cold-store',
    `Expected cold store ${id} to hold ${count} leaves as the stream left them, got ${revision > now.revision ? 'an older store' : intact}`,
  );
}

function union(lists: readonly (readonly number[])[]): number[] {
  return [...new Set(lists.flat())].toSorted((a, b) => a - b);
}
