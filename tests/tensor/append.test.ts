import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';

import { append, hasRoom } from '../../src/tensor/append.ts';

const floats = fc.array(fc.float({ noNaN: true }), { maxLength: 8 }).map((numbers) => Float32Array.from(numbers));

describe('append', () => {
  test('gives the one array and then the other, whatever was appended to whichever array before', () => {
    const steps = fc.array(fc.record({ to: fc.nat(), from: fc.nat(8), bit: floats }), { maxLength: 30 });
    fc.assert(
      fc.property(steps, (taken) => {
        const grown: Float32Array[] = [new Float32Array(0)];
        const expected: number[][] = [[]];
        for (const { to, from, bit } of taken) {
          const index = to % grown.length;
          grown.push(append(grown[index]?.subarray(from) ?? bit, bit));
          expected.push([...(expected[index] ?? []).slice(from), ...bit]);
        }
        expect(grown.map((array) => [...array])).toEqual(expected);
      }),
    );
  });

  test('copies an array that grows bit by bit only now and then', () => {
    const buffers = new Set<ArrayBufferLike>();
    let all: Float32Array = new Float32Array(0);
    for (let bit = 0; bit < 1000; bit++) {
      all = append(all, Float32Array.of(bit));
      buffers.add(all.buffer);
    }
    expect(buffers.size).toBeLessThan(20);
    expect(all.length).toBe(1000);
  });

  test('has room behind what it made until that is taken, by whoever appends first', () => {
    const grown = append(new Float32Array(10), Float32Array.of(1)); // room for 16.5
    const bits = new Float32Array(5);
    expect([hasRoom(new Float32Array(10), bits), hasRoom(grown, bits), hasRoom(grown, new Float32Array(7))]).toEqual([
      false,
      true,
      false,
    ]);
    expect(append(grown, bits).buffer).toBe(grown.buffer);
    expect(hasRoom(grown, bits)).toBe(false);
  });

  test('holds no more than a few times what is left of an array whose oldest numbers are dropped', () => {
    let newest: Float32Array = new Float32Array(0);
    for (let bit = 0; bit < 1000; bit++)
      newest = append(newest.subarray(Math.max(0, newest.length - 10)), Float32Array.of(bit));
    expect(newest.buffer.byteLength).toBeLessThanOrEqual(4 * 1.5 * 12);
  });
});
