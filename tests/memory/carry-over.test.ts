import '@tensorflow/tfjs-backend-cpu';
import * as tf from '@tensorflow/tfjs';
import fc from 'fast-check';
import { beforeAll, describe, expect, test } from 'vitest';

import { stopsOf } from '../../src/attention/stops.ts';
import { carryAhead, carryAlignment } from '../../src/memory/carry-over.ts';
import { type Entry, liveEntries } from '../../src/memory/state.ts';

beforeAll(() => tf.setBackend('cpu'));

const growths = fc
  .record({
    window: fc.integer({ min: 1, max: 4 }),
    leafFanIn: fc.integer({ min: 1, max: 4 }),
    fanIn: fc.integer({ min: 2, max: 3 }),
    slots: fc.integer({ min: 1, max: 3 }),
    before: fc.integer({ min: 1, max: 120 }),
    more: fc.integer({ min: 0, max: 60 }),
    stop: fc.nat(1000),
  })
  .map(({ before, more, stop, ...sizes }) => ({
    config: { ...sizes, depth: 4, heads: 1, tokenCountBias: true },
    growth: { before, after: before + more },
    stop,
  }));

/** `ahead` of a query that has stopped at entry `stop`; `stop` = the number of entries: nowhere. */
function aheadOf(entries: readonly Entry[], stop: number): Float32Array {
  return Float32Array.from(entries, (_, entry) => (entry < stop ? 1 : 0));
}

describe('a walk over a memory that grows', () => {
  test('goes on at the first slot of what its stop has become a part of', () => {
    fc.assert(
      fc.property(growths, ({ config, growth, stop }) => {
        const old = liveEntries(config, growth.before);
        const entries = liveEntries(config, growth.after);
        const stopped = stop % old.length;
        const ahead = carryAhead(config, growth, aheadOf(old, stopped));
        const { level, row, span } = old[stopped]!;
        const kept = entries.findIndex((entry) => entry.level === level && entry.row === row);
        const summary = entries.findIndex((entry) => entry.span.end >= span.end);
        expect([...ahead]).toEqual([...aheadOf(entries, kept >= 0 ? kept : summary)]);
      }),
    );
  });

  test('that found no stop goes on at the first entry that holds what has come since', () => {
    fc.assert(
      fc.property(growths, ({ config, growth }) => {
        const old = liveEntries(config, growth.before);
        const entries = liveEntries(config, growth.after);
        const ahead = carryAhead(config, growth, aheadOf(old, old.length));
        const everywhere = tf.ones<tf.Rank.R2>([1, entries.length]); // logits of stopping
        const { stops } = stopsOf(everywhere, tf.tensor2d(ahead, [1, entries.length]), { stops: 'hard' });
        const stop = stops.arraySync()[0]?.indexOf(1);
        expect(stop).toBe(entries.findIndex(({ span }) => span.end > growth.before)); // -1 where nothing has come
      }),
    );
  });

  test('keeps all that an alignment had, within the spans that had it', () => {
    fc.assert(
      fc.property(growths, ({ config, growth, stop }) => {
        const old = liveEntries(config, growth.before);
        const alignment = Float32Array.from(old, (_, entry) => ((entry + stop) % 7) / 8);
        const carried = carryAlignment(config, growth, alignment);
        const entries = liveEntries(config, growth.after);
        const total = (numbers: Float32Array): number => numbers.reduce((sum, each) => sum + each, 0);
        expect(total(carried)).toBeCloseTo(total(alignment), 3);
        for (const { span } of entries) {
          const inside = (list: readonly Entry[], numbers: Float32Array): number =>
            list.reduce((sum, each, index) => {
              const isIn = each.span.start >= span.start && each.span.end <= span.end;
              return isIn ? sum + (numbers[index] ?? NaN) : sum;
            }, 0);
          expect(inside(entries, carried)).toBeCloseTo(inside(old, alignment), 3);
        }
      }),
    );
  });

  test('is what it was where nothing has come', () => {
    const config = { depth: 4, heads: 1, window: 3, leafFanIn: 2, fanIn: 2, slots: 2, tokenCountBias: true };
    const growth = { before: 40, after: 40 };
    const alignment = Float32Array.from(liveEntries(config, 40), (_, entry) => entry);
    const ahead = carryAhead(config, growth, aheadOf(liveEntries(config, 40), 5)); // the second slot of a node
    expect([...ahead]).toEqual([...aheadOf(liveEntries(config, 40), 5)]);
    expect([...carryAlignment(config, growth, alignment)]).toEqual([...alignment]);
  });

  test('names numbers that belong to other entries', () => {
    const config = { depth: 4, heads: 1, window: 3, leafFanIn: 2, fanIn: 2, slots: 2, tokenCountBias: true };
    expect(() => carryAhead(config, { before: 5, after: 6 }, new Float32Array(3))).toThrow('`numbers.length`');
    expect(() => carryAhead(config, { before: 5, after: 4 }, new Float32Array(5))).toThrow('`after`');
  });
});
