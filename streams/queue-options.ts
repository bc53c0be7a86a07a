/** The queue for programs, who may have no compiler that looks at what they give. */
import { aFunction, anObject, assertFields, type Checks, numberIn, oneOf } from '../src/arguments.ts';
import { HearkenError } from '../src/errors.ts';
import {
  type BoundedQueue,
  createBoundedQueue as openBoundedQueue,
  type QueueOptions,
} from '../src/queue/bounded-queue.ts';

/** Opens a queue. Throws `option/...` or `queue/policy`. */
export function createBoundedQueue<T>(options: QueueOptions<T>): BoundedQueue<T> {
  assertQueueOptions('a queue', options);
  return openBoundedQueue(options);
}

/** The options of every queue policy together. */
type AnyQueueOptions = {
  readonly capacity: unknown;
  readonly policy: unknown;
  readonly isReplaceable?: unknown;
  readonly isSuperseded?: unknown;
  readonly sizeOf?: unknown;
  readonly valve?: unknown;
  readonly onGauge?: unknown;
};

/** Throws `queue/policy` unless `value` is the name of a policy. */
function aPolicy(name: string, value: unknown): void {
  try {
    oneOf('block', 'refuse', 'coalesce-latest', 'supersede')(name, value);
  } catch (error) {
    if (error instanceof HearkenError) throw new HearkenError('queue/policy', error.message, { cause: error });
    throw error;
  }
}

const CHECKS: Checks<AnyQueueOptions> = {
  capacity: numberIn(Number.MIN_VALUE, Number.MAX_SAFE_INTEGER),
  policy: aPolicy,
  isReplaceable: aFunction,
  isSuperseded: aFunction,
  sizeOf: aFunction,
  valve: anObject,
  onGauge: aFunction,
};

const OPTIONAL = ['isReplaceable', 'isSuperseded', 'sizeOf', 'valve', 'onGauge'];

/** Throws `option/...` or `queue/policy` on options that no queue can keep. */
export function assertQueueOptions<T>(of: string, options: QueueOptions<T>): void {
  assertFields<AnyQueueOptions>(of, options, CHECKS, OPTIONAL);
  const { policy, valve } = options;
  const given: AnyQueueOptions = options;
  const needed = { 'coalesce-latest': 'isReplaceable', supersede: 'isSuperseded', block: undefined, refuse: undefined }[
    policy
  ] as 'isReplaceable' | 'isSuperseded' | undefined; // of the table's values
  if (needed !== undefined && given[needed] === undefined) {
    throw new HearkenError('option/missing', `Expected ${of} with policy ${policy} to have \`${needed}\`, got none`);
  }
  if (valve === undefined) return;
  const aMark = numberIn(0, Number.MAX_SAFE_INTEGER);
  assertFields(`the valve of ${of}`, valve, { pause: aFunction, resume: aFunction, pauseAt: aMark, resumeAt: aMark });
  numberIn(0, valve.pauseAt)('resumeAt', valve.resumeAt);
}
