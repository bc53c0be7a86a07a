import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';

import { ArrayPool } from '../../src/tensor/array-pool.ts';

describe('a pool of arrays', () => {
  test('gives each array to one taker at a time, of the length that was asked for', () => {
    const steps = fc.array(fc.record({ length: fc.nat(50), given: fc.array(fc.nat(), { maxLength: 2 }) }), {
      maxLength: 40,
    });
    fc.assert(
      fc.property(steps, (taken) => {
        const pool = new ArrayPool();
        const held: Float32Array<ArrayBuffer>[] = [];
        for (const { length, given } of taken) {
          const array = pool.take(length);
          expect(array.length).toBe(length);
          expect(held.map(({ buffer }) => buffer)).not.toContain(array.buffer);
          held.push(array);
          for (const one of given) for (const back of held.splice(one % Math.max(1, held.length), 1)) pool.give(back);
        }
      }),
    );
  });

  test('hands out again what was given back, if it is large enough', () => {
    const pool = new ArrayPool();
    const [large, small] = [pool.take(100), pool.take(10)];
    pool.give(large);
    pool.give(small);
    expect(pool.take(8).buffer).toBe(small.buffer);
    expect(pool.take(8).buffer).toBe(large.buffer);
    expect(pool.take(8).buffer).not.toBe(large.buffer);
  });

  test('takes lent arrays back when what uses them has ended, and when it has failed', async () => {
    const pool = new ArrayPool();
    const lent = pool.take(10);
    const meanwhile = async (): Promise<ArrayBuffer> => pool.take(10).buffer;
    expect(await pool.lend([lent], meanwhile)).not.toBe(lent.buffer);
    const again = pool.take(10);
    expect(again.buffer).toBe(lent.buffer);
    await expect(pool.lend([again], () => Promise.reject(new Error('no')))).rejects.toThrow('no');
    expect(pool.take(10).buffer).toBe(lent.buffer);
  });
});
