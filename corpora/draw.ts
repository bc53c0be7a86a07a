import { Random } from '../src/tensor/random.ts';

/** A generator for several numbers at once, for example (seed, shard, example): FNV-1a of their bytes is its seed. */
export function randomFor(...parts: readonly number[]): Random {
  let hash = 0x811c9dc5;
  for (const part of parts) {
    for (let shift = 0; shift < 32; shift += 8) {
      hash = Math.imul(hash ^ ((part >>> shift) & 0xff), 0x01000193);
    }
  }
  return Random.seeded(hash >>> 0);
}

/** Uniform in [low, high). */
export function between(random: Random, low: number, high: number): number {
  return low + (high - low) * random.uniform();
}

/** A uniform integer in low..high, both included. */
export function integerBetween(random: Random, low: number, high: number): number {
  return low + random.integer(high - low + 1);
}

export function chance(random: Random, probability: number): boolean {
  return random.uniform() < probability;
}

/** One of `choices`, which must not be empty. */
export function pick<T>(random: Random, choices: readonly T[]): T {
  // In range by construction; T may itself include undefined, so no check is possible here.
  return choices[random.integer(choices.length)] as T;
}

/** `count` different integers of 0..limit - 1, in random order; `count` is at most `limit`. */
export function distinctIntegers(random: Random, limit: number, count: number): number[] {
  const drawn = new Set<number>();
  while (drawn.size < count) drawn.add(random.integer(limit));
  return [...drawn];
}

/** `items` in random order (Fisher and Yates). */
export function shuffled<T>(random: Random, items: readonly T[]): T[] {
  const deck = [...items];
  for (let last = deck.length - 1; last > 0; last--) {
    const other = random.integer(last + 1);
    [deck[last], deck[other]] = [deck[other] as T, deck[last] as T];
  }
  return deck;
}
