/** The certain walk to the nearest leaves. */
import fc from 'fast-check';
import { expect, test } from 'vitest';

import { certifiedSearch } from '../../models/certified-search.ts';
import { createColdStores } from '../../src/cold/cold-stores.ts';
import type { ColdStore } from '../../src/cold/cold-types.ts';
import { normalArray, Random } from '../../src/tensor/random.ts';

const SIZES = { depth: 6, heads: 1, retention: 100_000 };
const FANS = { depth: 6, leafFanIn: 4, fanIn: 3 };
const rows = (seed: number, count: number): Float32Array =>
  Float32Array.from(normalArray(Random.seeded(seed), [count, 6], 1).data);

function storeOf(keys: Float32Array): ColdStore {
  const store = createColdStores().create(SIZES);
  store.append(keys, keys);
  return store;
}

test('it finds the nearest of all, as a search one by one does, while leaves are added', () => {
  const queries = rows(2, 3);
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 9 }),
      fc.array(fc.integer({ min: 1, max: 40 }), { maxLength: 5 }),
      (nearest, pieces) => {
        const store = createColdStores().create(SIZES);
        const { store: certified } = certifiedSearch(store, FANS);
        for (const [index, count] of pieces.entries()) {
          store.append(rows(index + 3, count), rows(1, count));
          expect(certified.search(queries, nearest)).toEqual(store.search(queries, nearest));
        }
      },
    ),
    { numRuns: 40 },
  );
});

test('it goes to a few of the nodes where neighbors are alike, and to most where they are not', () => {
  const visitsOf = (keys: Float32Array): number => {
    const { store, visited } = certifiedSearch(storeOf(keys), FANS);
    store.search(rows(5, 20), 4);
    return visited() / 20;
  };
  const slow = Float32Array.from({ length: 6 * 1_000 }, (_, index) => {
    const angle = Math.floor(index / 6) / 160;
    return Math.cos((1 + Math.floor((index % 6) / 2)) * angle + (index % 2) * (Math.PI / 2));
  });
  expect(visitsOf(slow)).toBeLessThan(150);
  expect(visitsOf(rows(1, 1_000))).toBeGreaterThan(300);
});
