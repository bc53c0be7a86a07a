import fc from 'fast-check';
import { expect } from 'vitest';

/** Cuts `items` at `cuts` (positions in 0..1), empty pieces included. */
export function cut<T extends { slice(start: number, end: number): T; readonly length: number }>(
  items: T,
  cuts: readonly number[],
): T[] {
  const positions = [0, ...cuts.map((at) => Math.floor(at * items.length)).toSorted((a, b) => a - b), items.length];
  return positions.slice(1).map((end, index) => items.slice(positions[index] ?? 0, end));
}

/** Where to cut: up to 12 places, any of which may coincide. */
export const cutsArbitrary: fc.Arbitrary<number[]> = fc.array(fc.double({ min: 0, max: 1, noNaN: true }), {
  maxLength: 12,
});

export function join(pieces: readonly Float32Array[]): Float32Array {
  const joined = new Float32Array(pieces.reduce((length, piece) => length + piece.length, 0));
  let position = 0;
  for (const piece of pieces) {
    joined.set(piece, position);
    position += piece.length;
  }
  return joined;
}

/** Equal bit for bit (and much faster than `toEqual` on numbers). */
export function expectSameBits(actual: Float32Array, expected: Float32Array): void {
  const isSame = bytesOf(actual).equals(bytesOf(expected));
  if (!isSame) expect(actual).toEqual(expected); // for its message
  expect(isSame).toBe(true);
}

function bytesOf({ buffer, byteOffset, byteLength }: Float32Array): Buffer {
  return Buffer.from(buffer, byteOffset, byteLength);
}

/** Reproducible samples in -amplitude..amplitude. */
export function noise(length: number, amplitude = 0.5, seed = 1): Float32Array {
  let state = seed;
  return Float32Array.from({ length }, () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return amplitude * (state / 2 ** 31 - 1);
  });
}
