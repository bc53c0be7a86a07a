import { assertInteger, HearkenError } from '../errors.ts';
import type { HostArray } from './host-array.ts';
import { sizeOf } from './shape.ts';

/** State of a generator: four 32-bit words, not all zero. Plain data, so that a run resumes exactly. */
export type RandomState = readonly [number, number, number, number];

/**
 * Seeded random numbers, the same on every machine: xoshiro128**.
 *
 * Reference: Blackman and Vigna, "Scrambled linear pseudorandom number generators", 2021, https://prng.di.unimi.it
 */
export class Random {
  // As signed integers, which the engine keeps without allocating.
  #a: number;
  #b: number;
  #c: number;
  #d: number;

  /** Continues where `state` stands. Throws `random/state` unless it is four words, not all zero. */
  constructor(state: RandomState) {
    if (state.length !== 4 || !state.some((word) => word !== 0) || state.some((word) => word >>> 0 !== word)) {
      throw new HearkenError('random/state', `Expected four 32-bit words, not all zero, got [${state.join(', ')}]`);
    }
    [this.#a, this.#b, this.#c, this.#d] = state.map((word) => word | 0) as unknown as RandomState;
  }

  /** A generator for `seed` (0 to 2^32 - 1), its state filled by splitmix32 so that near seeds give unlike sequences. */
  static seeded(seed: number): Random {
    assertInteger('seed', seed, 0, 0xffffffff);
    let counter = seed;
    const next = (): number => {
      counter = (counter + 0x9e3779b9) >>> 0;
      let word = Math.imul(counter ^ (counter >>> 16), 0x21f0aaad);
      word = Math.imul(word ^ (word >>> 15), 0x735a2d97);
      return (word ^ (word >>> 15)) >>> 0;
    };
    return new Random([next(), next(), next(), next()]);
  }

  get state(): RandomState {
    return [this.#a >>> 0, this.#b >>> 0, this.#c >>> 0, this.#d >>> 0];
  }

  /** Draws 32 random bits as an integer from 0 to 2^32 - 1. */
  bits(): number {
    const scrambled = Math.imul(rotateLeft(Math.imul(this.#b, 5), 7), 9) >>> 0;
    const shifted = this.#b << 9;
    this.#c ^= this.#a;
    this.#d ^= this.#b;
    this.#b ^= this.#c;
    this.#a ^= this.#d;
    this.#c ^= shifted;
    this.#d = rotateLeft(this.#d, 11);
    return scrambled;
  }

  /** Uniform in [0, 1). */
  uniform(): number {
    return this.bits() / 2 ** 32;
  }

  /** A uniform integer from 0 to `limit` - 1; `limit` at most 2^32. */
  integer(limit: number): number {
    return Math.floor(this.uniform() * limit);
  }

  /** Standard normal (Box and Muller, 1958); one a call, so that `state` is all there is. */
  normal(): number {
    const radius = Math.sqrt(-2 * Math.log(1 - this.uniform()));
    return radius * Math.cos(2 * Math.PI * this.uniform());
  }
}

/** Independent normal numbers of mean 0. */
export function normalArray(random: Random, shape: readonly number[], deviation: number): HostArray {
  return { shape, data: Float32Array.from({ length: sizeOf(shape) }, () => random.normal() * deviation) };
}

function rotateLeft(word: number, bits: number): number {
  return (word << bits) | (word >>> (32 - bits));
}
