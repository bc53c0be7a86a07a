import fc from 'fast-check';

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
  return Float32Array.from(pieces.flatMap((piece) => [...piece]));
}

/** Reproducible samples in -amplitude..amplitude. */
export function noise(length: number, amplitude = 0.5, seed = 1): Float32Array {
  let state = seed;
  return Float32Array.from({ length }, () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return amplitude * (state / 2 ** 31 - 1);
  });
}
