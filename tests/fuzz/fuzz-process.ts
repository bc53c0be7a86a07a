/**
 * Runs cases of fuzz targets, one after the other, for the process that forked it: `fuzz-process.ts TARGETS_MODULE CURRENT_FILE`.
 * The input of the case that runs stands in the file, so that it is known where this process hangs or dies.
 */
import { openSync, writeSync } from 'node:fs';

import { watchAllocations } from './allocation.ts';
import type { FuzzReport, FuzzRequest } from './messages.ts';
import type { FuzzTarget, TakeInput } from './target.ts';

const allocations = watchAllocations();
// Only now is anything imported that allocates.
const { DEFAULT_MOST_BYTES, isRefusalOf, seedsOf } = await import('./target.ts');
const { mutate } = await import('./mutate.ts');
const { Random } = await import('../../src/tensor/random.ts');

const [, , module = '', currentFile = ''] = process.argv;
const { TARGETS } = (await import(module)) as { readonly TARGETS: readonly FuzzTarget[] };

/** Different failures of one run that are told; more would say the same. */
const MOST_FAILURES = 5;
/** Inputs with outcomes that no seed had, which are seeds from then on. */
const MOST_FINDS = 1_000;
const PROGRESS_MS = 500;

type Opened = { readonly target: FuzzTarget; readonly take: TakeInput; readonly seeds: readonly Uint8Array[] };

type Outcome = {
  readonly failure?: string | undefined;
  /** Alike for inputs that went the same way. */
  readonly kind: string;
};

const opened = new Map<string, Promise<Opened>>();
const current = openSync(currentFile, 'w');
/** Thrown where nobody catches it, in a callback or a promise, since the case began. */
let stray: unknown;
process.on('uncaughtException', (error) => {
  stray ??= error;
});
process.on('unhandledRejection', (error) => {
  stray ??= error;
});

async function open(name: string): Promise<Opened> {
  const target = TARGETS.find((each) => each.name === name);
  if (target === undefined) throw new Error(`Expected a target, got ${name}`);
  return { target, take: await target.open(), seeds: await seedsOf(target) };
}

async function runCase(
  { target, take }: Opened,
  bytes: Uint8Array,
  random: InstanceType<typeof Random>,
): Promise<Outcome> {
  writeSync(current, `${Buffer.from(bytes).toString('base64')}\n`, 0);
  const { mostBytes = DEFAULT_MOST_BYTES } = target;
  stray = undefined;
  allocations.begin(mostBytes);
  let kind = '';
  try {
    const result = take(bytes, random);
    if (result instanceof Promise) {
      await result;
      await new Promise(setImmediate); // what it left behind may throw now
    }
  } catch (error) {
    if (!isRefusalOf(target, error)) return failed(error);
    kind = kindOf(error);
  }
  const excess = allocations.excess();
  allocations.begin(Number.POSITIVE_INFINITY);
  if (excess !== undefined) return failed(new Error(`allocated ${excess} bytes of arrays, bound ${mostBytes}`));
  return stray === undefined ? { kind } : failed(stray);
}

function failed(error: unknown): Outcome {
  allocations.begin(Number.POSITIVE_INFINITY);
  const failure = error instanceof Error ? (error.stack ?? error.message) : `threw ${String(error)}`;
  // Alike is what was thrown at the same place.
  const places = failure.split('\n').filter((line) => line.trim().startsWith('at '));
  return { failure, kind: places.length > 0 ? places.slice(0, 2).join() : failure };
}

function kindOf(error: unknown): string {
  const { code, message } = error as { code?: string; message?: string }; // any value may have been thrown
  return `${code} ${message?.replaceAll(/`[^`]*`|'[^']*'|[-\d.]+/g, '')}`.slice(0, 120);
}

async function serve({ target: name, seed, cases = Number.POSITIVE_INFINITY, ms, input }: FuzzRequest): Promise<void> {
  if (!opened.has(name)) opened.set(name, open(name));
  const one = await opened.get(name)!; // set above
  report({ type: 'progress' });
  const random = Random.seeded(seed);
  const kinds = new Set<string>();
  const seeds = [...one.seeds];
  const until = Date.now() + (ms ?? Number.POSITIVE_INFINITY);
  let told = Date.now();
  let count = 0;
  let failures = 0;
  for (; count < cases && failures < MOST_FAILURES; count++) {
    if (Date.now() - told > PROGRESS_MS) {
      told = Date.now();
      report({ type: 'progress' });
      await new Promise(setImmediate);
    }
    if (told > until) break;
    // Seeds themselves come first: what is real must pass too. Later every second input is made of them alone, lest finds, most of
    // which are broken early, crowd them out.
    const near = random.integer(2) === 0 ? one.seeds : seeds;
    const bytes =
      input === undefined ? (one.seeds[count] ?? mutate(near, random)) : new Uint8Array(Buffer.from(input, 'base64'));
    const { failure, kind } = await runCase(one, bytes, random);
    if (kinds.has(kind)) continue;
    kinds.add(kind);
    if (failure !== undefined) {
      failures++;
      report({ type: 'failure', what: failure, input: Buffer.from(bytes).toString('base64') });
    } else if (seeds.length < one.seeds.length + MOST_FINDS) seeds.push(bytes);
  }
  report({ type: 'done', cases: count });
}

function report(message: FuzzReport): void {
  process.send?.(message);
}

process.on('message', (request: FuzzRequest) => {
  serve(request).catch((error: unknown) => {
    report({ type: 'failure', what: `the target did not open: ${String((error as Error).stack)}`, input: '' });
    report({ type: 'done', cases: 0 });
  });
});
report({ type: 'progress' });
