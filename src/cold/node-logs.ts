/** Keys of the nodes that were merged away, by level, from 1: what a walk down the tree looks at besides its live roots. */
import { HearkenError } from '../errors.ts';
import type { NodeSizes } from './cold-types.ts';
import { createLeafLog, type LeafLog, type LeafLogOptions } from './leaf-log.ts';
import type { LeafPlace } from './leaf-segments.ts';

export type NodeLogs = {
  /** Nodes of `level` that were ever appended: the number of the next one. */ readonly count: (
    level: number,
  ) => number;
  /** Appends keys of nodes of `level`, `[n, m D]`. */ readonly append: (level: number, keys: Float32Array) => void;
  /** Keys of a node, `[m D]`. */ readonly keys: (level: number, number: number) => Float32Array;
  /** Takes back the nodes that were not merged away when there were `leaves`. Throws `memory/cold-store` where some are lacking that were. */
  readonly truncate: (leaves: number) => void;
  /** Keeps, whatever comes, what was kept when there were `leaves`. */ readonly hold: (leaves: number) => void;
  readonly close: () => void;
};

export type NodeLogsOptions = {
  readonly sizes: NodeSizes;
  /** Number of the first leaf that the store ever had. */ readonly base: number;
  /** The most leaves that are kept. */ readonly retention: number;
  readonly placeOf: (level: number) => LeafPlace;
  /** Nodes of a level that are there, of a log whose first has number `base`. */
  readonly heldOf: (level: number, base: number) => LeafLogOptions['held'];
};

export function createNodeLogs({ sizes, base, retention, placeOf, heldOf }: NodeLogsOptions): NodeLogs {
  const logs: LeafLog[] = [];
  const bases = sizes.countsAfter(base);
  let goesBackTo = Infinity;
  const holdOf = (level: number): number =>
    goesBackTo === Infinity ? Infinity : (sizes.countsAfter(goesBackTo)[level - 1] ?? 0);
  const logOf = (level: number): LeafLog => {
    for (let next = logs.length + 1; next <= level; next++) {
      const log = createLeafLog(placeOf(next), {
        depth: sizes.depth,
        retention: Math.ceil(retention / sizes.leavesOf(next)) + 1, // of the oldest some leaves may be gone
        held: heldOf(next, bases[next - 1] ?? 0),
      });
      log.hold(holdOf(next));
      logs.push(log);
    }
    return logs[level - 1]!; // it was made
  };
  return {
    count: (level) => logOf(level).count(),
    append: (level, keys) => logOf(level).append({ keys }),
    keys: (level, number) => logOf(level).row('keys', number),
    truncate: (leaves) => {
      const counts = sizes.countsAfter(leaves);
      for (let level = 1; level <= Math.max(counts.length, logs.length); level++) {
        const log = logOf(level);
        const count = Math.max(counts[level - 1] ?? 0, bases[level - 1] ?? 0);
        if (log.count() < count) {
          const got = `${log.count()} of ${count}`;
          throw new HearkenError(
            'memory/cold-store',
            `Expected the nodes of level ${level} above the leaves, got ${got}`,
          );
        }
        if (log.count() > count) log.truncate(count);
      }
    },
    hold: (leaves) => {
      goesBackTo = leaves;
      for (const [index, log] of logs.entries()) log.hold(holdOf(index + 1));
    },
    close: () => {
      for (const log of logs) log.close();
    },
  };
}
