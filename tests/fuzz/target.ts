/** What is fuzzed: something that takes bytes from outside, and what it may answer. */
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';

import { HearkenError } from '../../src/errors.ts';
import type { Random } from '../../src/tensor/random.ts';

export type FuzzTarget = {
  /** Names it on the command line, and its folder of seeds in `corpus/` where it has one. */ readonly name: string;
  /** Cases in `npm test`. */ readonly cases: number;
  /** Seeds beside those in `corpus/NAME`. */ readonly seeds?: () => Promise<readonly Uint8Array[]>;
  /** Gets ready once; what it gives takes one input, and throws where the input is refused, or what was made of it is wrong. */
  readonly open: () => Promise<TakeInput>;
  /** Whether an error is a refusal; a `HearkenError` always is one. */ readonly isRefusal?: (
    error: unknown,
  ) => boolean;
  /** Bytes of arrays that a case may allocate in all; 64 MiB where nothing is said. */ readonly mostBytes?: number;
};

/** `random` is for choices that are no part of the input, such as how it is cut. */
export type TakeInput = (bytes: Uint8Array, random: Random) => unknown;

export const CORPUS: string = join(import.meta.dirname, 'corpus');

/** Kept inputs that failed once, a folder a target. */
export const FAILURES: string = join(import.meta.dirname, 'failures');

export const DEFAULT_MOST_BYTES: number = 2 ** 26;

/** Every file in `folder` by its name; none where there is no such folder. */
export async function filesIn(folder: string): Promise<ReadonlyMap<string, Uint8Array>> {
  const entries = await readdir(folder, { withFileTypes: true }).catch(() => []);
  const names = entries.filter((entry) => entry.isFile()).map(({ name }) => name);
  return new Map(
    await Promise.all(
      names.toSorted().map(async (name) => [name, new Uint8Array(await readFile(join(folder, name)))] as const),
    ),
  );
}

export async function seedsOf({ name, seeds }: FuzzTarget): Promise<readonly Uint8Array[]> {
  const files = await filesIn(join(CORPUS, name));
  // Copies, for `slice` of a Buffer gives its own bytes to whoever changes them.
  return [...files.values(), ...((await seeds?.()) ?? [])].map((bytes) => new Uint8Array(bytes));
}

export function isRefusalOf({ isRefusal }: FuzzTarget, error: unknown): boolean {
  return error instanceof HearkenError || (isRefusal?.(error) ?? false);
}

/** The input as text, as a socket or a file gives it. */
export function textOf(bytes: Uint8Array): string {
  return new TextDecoder().decode(bytes);
}

/** Throws unless every one of `samples` is a finite number. */
export function assertFinite(samples: Float32Array): void {
  const index = samples.findIndex((sample) => !Number.isFinite(sample));
  if (index >= 0) throw new Error(`sample ${index} is ${samples[index]}`);
}
