import { aFunction, assertFields, type Checks, numberIn, oneOf } from '../src/arguments.ts';
import { HearkenError } from '../src/errors.ts';

/**
 * What happens to an item that finds no room.
 *
 * - `block`: it waits, and whoever writes it with it;
 * - `refuse`: the queue fails with `queue/full`, so that nothing is lost unnoticed;
 * - `coalesce-latest`: waiting items that later ones replace make room for it, then as `block`.
 */
export type QueuePolicy<T> =
  | { readonly policy: 'block' }
  | { readonly policy: 'refuse' }
  | {
      readonly policy: 'coalesce-latest';
      /** Whether any later item takes the place of `item`, as the next partial or final does of a partial. */
      readonly isReplaceable: (item: T) => boolean;
    };

export type QueueOptions<T> = QueuePolicy<T> & {
  /** The most that may wait, in the unit of `sizeOf`; above 0. */ readonly capacity: number;
  /**
   * Size of an item, above 0. Default: the length of an array (samples of a `Float32Array`, bytes of a `Uint8Array`), but at
   * least 1, so that empty ones cannot pile up; 1 for anything else.
   */
  readonly sizeOf?: (item: T) => number;
};

/** How full a queue is, in its unit; what it says is always the present. */
export type QueueGauge = {
  readonly capacity: number;
  /** What waits now. */ readonly fill: number;
  /** The most that ever waited. */ readonly highMark: number;
  /** Items that gave their place to later ones (`coalesce-latest`). */ readonly dropped: number;
};

/** Of every policy together. */
type AnyQueueOptions = {
  readonly capacity: unknown;
  readonly policy: unknown;
  readonly isReplaceable?: unknown;
  readonly sizeOf?: unknown;
  readonly onGauge?: unknown;
};

/** Throws `queue/policy`. */
function aPolicy(name: string, value: unknown): void {
  try {
    oneOf('block', 'refuse', 'coalesce-latest')(name, value);
  } catch (error) {
    if (error instanceof HearkenError) throw new HearkenError('queue/policy', error.message, { cause: error });
    throw error;
  }
}

const CHECKS: Checks<AnyQueueOptions> = {
  capacity: numberIn(Number.MIN_VALUE, Number.MAX_SAFE_INTEGER),
  policy: aPolicy,
  isReplaceable: aFunction,
  sizeOf: aFunction,
  onGauge: aFunction,
};

/** Throws `option/...` or `queue/policy` on options that no queue can keep. */
export function assertQueueOptions<T>(of: string, options: QueueOptions<T>): void {
  assertFields<AnyQueueOptions>(of, options, CHECKS, ['isReplaceable', 'sizeOf', 'onGauge']);
  if (options.policy === 'coalesce-latest' && options.isReplaceable === undefined) {
    throw new HearkenError(
      'option/missing',
      `Expected ${of} with policy coalesce-latest to have \`isReplaceable\`, got none`,
    );
  }
}

/** Samples of a `Float32Array`, bytes of a `Uint8Array`, 1 for an empty one and for anything that is no array of numbers. */
export function lengthOf(item: unknown): number {
  return ArrayBuffer.isView(item) && 'length' in item && typeof item.length === 'number' ? Math.max(1, item.length) : 1;
}

export function queueFull({ fill, capacity }: QueueGauge): HearkenError {
  return new HearkenError(
    'queue/full',
    `Expected room in the queue for one more item, got one that holds ${fill} of ${capacity}`,
  );
}
