import '@tensorflow/tfjs-backend-cpu';
import { readFileSync } from 'node:fs';

import * as tf from '@tensorflow/tfjs';
import { beforeAll, describe, expect, test } from 'vitest';

import { monotonic } from '../../src/attention/index.ts';
import { tensor2 } from '../../src/cell/typed-tensors.ts';
import { carryAhead, carryAlignment } from '../../src/memory/carry-over.ts';
import type { MemoryConfig } from '../../src/memory/config.ts';
import { entryBias, liveEntries } from '../../src/memory/state.ts';

beforeAll(() => tf.setBackend('cpu'));

type Stored = { readonly shape: number[]; readonly data: number[] };
/** Window, vectors of a leaf, children of an inner node, slots. */
type Sizes = readonly [number, number, number, number];
type Golden = {
  readonly growths: readonly ({ readonly config: Sizes; readonly before: number; readonly after: number } & Readonly<
    Record<'ahead' | 'carriedAhead' | 'alignment' | 'carriedAlignment', Stored>
  >)[];
  readonly walks: readonly {
    readonly config: Sizes;
    readonly weights: Readonly<Record<string, Stored>>;
    /** One query after `count` vectors; `stops` `[E]` are expected. */ readonly steps: readonly ({
      readonly count: number;
    } & Readonly<Record<'values' | 'query' | 'stops', Stored>>)[];
  }[];
};

const golden: Golden = JSON.parse(readFileSync(new URL('memory/carry.json', import.meta.url), 'utf8'));

function configOf([window, leafFanIn, fanIn, slots]: Sizes): MemoryConfig {
  return { depth: 3, heads: 1, window, leafFanIn, fanIn, slots, tokenCountBias: true };
}

function largestGap(own: ArrayLike<number>, { data }: Stored): number {
  expect(own.length).toBe(data.length);
  return Math.max(...data.map((value, index) => Math.abs(value - (own[index] ?? Number.NaN))));
}

describe('numbers of entries go where the entries went, as nodes that merge in queues have it in float64', () => {
  test.each(golden.growths)('$config from $before to $after', (stored) => {
    const config = configOf(stored.config);
    const ahead = carryAhead(config, stored, Float32Array.from(stored.ahead.data));
    const alignment = carryAlignment(config, stored, Float32Array.from(stored.alignment.data));
    expect(largestGap(ahead, stored.carriedAhead)).toBeLessThan(1e-6);
    expect(largestGap(alignment, stored.carriedAlignment)).toBeLessThan(1e-6);
  });
});

describe('expected stops over a memory that grows between queries are those of double sums in float64', () => {
  test.each(golden.walks)('$config', ({ config: sizes, weights: arrays, steps }) => {
    const config = configOf(sizes);
    const mechanism = monotonic();
    const weights = Object.fromEntries(
      Object.entries(arrays).map(([name, { data, shape }]) => [name, tf.tensor(data, shape)]),
    );
    let ahead: Float32Array | undefined;
    let before = 0;
    for (const { count, values, query, stops } of steps) {
      const bias = liveEntries(config, count).map(({ level }) => entryBias(config, level));
      const prepared = mechanism.prepare(weights, {
        values: tf.tensor3d(values.data, [1, bias.length, config.depth]),
        bias: tf.tensor2d([bias]),
      });
      const carried = ahead === undefined ? undefined : carryAhead(config, { before, after: count }, ahead);
      const state = carried === undefined ? mechanism.start(prepared) : { ahead: tf.tensor2d([[...carried]]) };
      const attended = mechanism.attend(weights, tf.tensor2d([query.data]), prepared, state);
      expect(largestGap(attended.alignment.dataSync(), stops)).toBeLessThan(2e-6);
      ahead = Float32Array.from(tensor2(attended.state, 'ahead').dataSync());
      before = count;
    }
  });
});
