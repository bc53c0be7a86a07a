import { HearkenError } from '../errors.ts';

/** Is told of every node that a stream makes. */
export type PoolingRecorder = {
  /** Takes the weights `[m, F]` of node `index` of `level` (from 1); maybe again, after a failed call. */
  record(level: number, index: number, pooling: Float32Array): void;
};

/**
 * The pooling weights of every node a stream ever made, kept outside its state for attribution: O(N), about m floats a
 * vector. It must be there from the stream's first vector on.
 */
export class PoolingLog implements PoolingRecorder {
  readonly #levels: { readonly size: number; data: Float32Array; nodes: number }[] = [];

  /** Keeps the weights `[m, F]` of node `index` of `level` (from 1). Doing so again, after a failed call, changes nothing. */
  record(level: number, index: number, pooling: Float32Array): void {
    const log = (this.#levels[level - 1] ??= { size: pooling.length, data: new Float32Array(0), nodes: 0 });
    const end = (index + 1) * log.size;
    if (end > log.data.length) {
      const grown = new Float32Array(2 * end);
      grown.set(log.data);
      log.data = grown;
    }
    log.data.set(pooling, index * log.size);
    log.nodes = Math.max(log.nodes, index + 1);
  }

  /** The weights `[m, F]` of node `index` of `level`. Throws `memory/pooling-log` where the log does not reach. */
  pooling(level: number, index: number): Float32Array {
    const log = this.#levels[level - 1];
    if (log === undefined || index >= log.nodes) {
      throw new HearkenError(
        'memory/pooling-log',
        `Expected the log to hold node ${index} of level ${level}, got ${log?.nodes ?? 0} nodes there`,
      );
    }
    return log.data.subarray(index * log.size, (index + 1) * log.size);
  }
}
