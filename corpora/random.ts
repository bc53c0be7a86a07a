/** Seeded random draws (sfc32): the same seed gives the same sequence on every machine. */
export type Random = {
  /** In [low, high). */
  uniform(low: number, high: number): number;
  /** In low..high, both included. */
  integer(low: number, high: number): number;
  chance(probability: number): boolean;
  pick<T>(choices: readonly T[]): T;
  /** Mean 0, deviation 1. */
  normal(): number;
};

/** A generator for `seed`; several numbers give independent streams, for example (seed, shard, example). */
export function createRandom(...seed: readonly number[]): Random {
  const next = sfc32(seed);
  const uniform = (low: number, high: number): number => low + (high - low) * next();
  const integer = (low: number, high: number): number => low + Math.floor((high - low + 1) * next());
  return {
    uniform,
    integer,
    chance: (probability) => next() < probability,
    pick: (choices) => choices[integer(0, choices.length - 1)] as (typeof choices)[number],
    normal: () => Math.sqrt(-2 * Math.log(1 - next())) * Math.cos(2 * Math.PI * next()),
  };
}

/** sfc32 by Chris Doty-Humphrey; the seed numbers are hashed into its state one after the other (FNV-1a). */
function sfc32(seed: readonly number[]): () => number {
  let hash = 0x811c9dc5;
  for (const part of seed) {
    for (let shift = 0; shift < 32; shift += 8) {
      hash = Math.imul(hash ^ ((part >>> shift) & 0xff), 0x01000193);
    }
  }
  let a = hash | 0;
  let b = Math.imul(hash, 0x9e3779b1) | 0;
  let c = Math.imul(hash ^ 0x5bd1e995, 0x85ebca6b) | 0;
  let counter = 1;
  const next = (): number => {
    const sum = (((a + b) | 0) + counter) | 0;
    counter = (counter + 1) | 0;
    a = b ^ (b >>> 9);
    b = (c + (c << 3)) | 0;
    c = ((c << 21) | (c >>> 11)) + sum;
    c |= 0;
    return (sum >>> 0) / 4294967296;
  };
  for (let round = 0; round < 12; round++) {
    next();
  }
  return next;
}
