/** Cold stores: what is found, what is kept, and what becomes of leaves when a stream ends, goes on, or is moved. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { cp, mkdtemp, readdir, rename, rm, stat, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { createInterface } from 'node:readline';

import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';

import type { ColdStore, LeafSizes } from '../../src/cold/cold-types.ts';
import { createColdStores } from '../../src/cold/cold-stores.ts';
import { createLeafLog } from '../../src/cold/leaf-log.ts';
import { filePlace, memoryPlace } from '../../src/cold/leaf-segments.ts';
import { normalArray, Random } from '../../src/tensor/random.ts';

const SIZES: LeafSizes = { depth: 4, heads: 2, retention: 1_000 };
const rows = (seed: number, count: number): Float32Array =>
  Float32Array.from(normalArray(Random.seeded(seed), [count, 4], 1).data);

let folder: string;
beforeAll(async () => void (folder = await mkdtemp(path.join(tmpdir(), 'hearken-leaves-'))));
afterAll(() => rm(folder, { recursive: true, force: true }));

/** Numbers of the `nearest` leaves of either head among `keys`, counted from `first`. */
function nearestOf(keys: Float32Array, query: Float32Array, nearest: number, first: number): number[] {
  const found = [0, 1].flatMap((head) => {
    const scores = Array.from({ length: keys.length / 4 }, (_, row) =>
      [0, 1].reduce((sum, index) => sum + query[2 * head + index]! * keys[4 * row + 2 * head + index]!, 0),
    );
    const order = scores.map((_, row) => row).filter((row) => row >= first);
    return order.toSorted((a, b) => scores[b]! - scores[a]!).slice(0, nearest);
  });
  return [...new Set(found)].toSorted((a, b) => a - b);
}

describe.each(['memory', 'folder'] as const)('in %s', (kind) => {
  const place = (): { readonly folder?: string } => (kind === 'memory' ? {} : { folder });

  test('finds the nearest leaves of each head among those that are kept, whichever pieces they came in', () => {
    const [keys, values, queries] = [rows(1, 70), rows(2, 70), rows(3, 5)];
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 90 }),
        fc.integer({ min: 1, max: 12 }),
        fc.integer({ min: 1, max: 9 }),
        (retention, nearest, piece) => {
          const stores = createColdStores(place());
          const store = stores.create({ ...SIZES, retention });
          for (let row = 0; row < 70; row += piece) {
            const end = Math.min(70, row + piece);
            store.append(keys.subarray(4 * row, 4 * end), values.subarray(4 * row, 4 * end));
          }
          const expected = Array.from({ length: 5 }, (_, query) =>
            nearestOf(keys, queries.subarray(4 * query, 4 * query + 4), nearest, Math.max(0, 70 - retention)),
          );
          expect(store.search(queries, nearest)).toEqual(expected);
          expect(store.leaf(69)).toEqual({ keys: keys.subarray(4 * 69), values: values.subarray(4 * 69) });
          store.close();
        },
      ),
      { numRuns: 30 },
    );
  });

  test('goes back to an older mark, and refuses marks of what it took back', () => {
    const store = createColdStores(place()).create(SIZES);
    store.append(rows(1, 10), rows(2, 10));
    const older = store.mark();
    store.append(rows(3, 10), rows(4, 10));
    const newer = store.mark();
    store.goOnFrom(older);
    store.append(rows(5, 20), rows(6, 20));
    expect(store.leaf(10).keys).toEqual(rows(5, 20).slice(0, 4));
    store.goOnFrom(older);
    expect(() => store.goOnFrom(newer)).toThrow(`to hold 20 leaves as the stream left them, got 10`);
    store.close();
    expect(() => store.append(rows(1, 1), rows(1, 1))).toThrow('which was closed');
  });
});

test('an index finds nearly all of the nearest, never a leaf that was taken back or let go of', () => {
  const sizes = { ...SIZES, retention: 3_000 };
  const [keys, values, queries] = [rows(1, 4_000), rows(2, 4_000), rows(3, 50)];
  const indexed = createColdStores({ indexFrom: 500 }).create(sizes);
  const exact = createColdStores({ indexFrom: Infinity }).create(sizes);
  for (const store of [indexed, exact]) {
    for (let row = 0; row < 2_000; row += 40) {
      store.append(keys.subarray(4 * row, 4 * row + 160), values.subarray(4 * row, 4 * row + 160));
      if (row === 1_000) store.search(queries, 10); // the index is made now
    }
    const mark = store.mark();
    store.append(rows(9, 300), rows(9, 300));
    store.goOnFrom(mark);
    store.append(keys.subarray(4 * 2_000), values.subarray(4 * 2_000));
  }
  const [found, expected] = [indexed.search(queries, 10), exact.search(queries, 10)];
  const hits = expected.map(
    (leaves, query) => leaves.filter((leaf) => found[query]!.includes(leaf)).length / leaves.length,
  );
  expect(hits.reduce((sum, hit) => sum + hit) / hits.length).toBeGreaterThan(0.98);
  expect(found.flat().every((leaf) => leaf >= 1_000 && leaf < 4_000)).toBe(true);
});

/** A program that writes 30 leaves, tells their name, writes as many again, and goes on until it is killed. */
const WRITER = `
import { createColdStores } from ${JSON.stringify(new URL('../../src/cold/cold-stores.ts', import.meta.url).href)};
const store = createColdStores({ folder: process.argv[1] }).create({ depth: 4, heads: 2, retention: 1000 });
const append = () => store.append(new Float32Array(120).fill(1), new Float32Array(120).fill(2));
const name = () => ({ id: store.id, base: store.base, ...store.mark() });
append();
const first = name();
append();
console.log(JSON.stringify({ name: first, later: name() }));
setInterval(() => undefined, 1000);
`;

type Told = Record<'name' | 'later', Parameters<ReturnType<typeof createColdStores>['find']>[0]>;

async function writer(): Promise<Told & { readonly child: ChildProcess }> {
  const args = ['--import', 'tsx', '--input-type=module', '-e', WRITER, folder];
  const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit'] });
  const [line] = (await once(createInterface({ input: child.stdout }), 'line')) as [string];
  return { child, ...(JSON.parse(line) as Told) }; // as it prints
}

describe('in a folder', () => {
  const begun = (): {
    readonly store: ColdStore;
    readonly name: Parameters<ReturnType<typeof createColdStores>['find']>[0];
  } => {
    const store = createColdStores({ folder }).create(SIZES);
    store.append(rows(1, 30), rows(2, 30));
    return { store, name: { id: store.id, base: store.base, ...store.mark() } };
  };

  test('leaves of a stream that ends are deleted; kept ones are there for another program, elsewhere too', async () => {
    const { store, name } = begun();
    store.close({ kept: true });
    const moved = `${folder}-moved`;
    await cp(folder, moved, { recursive: true });
    const there = createColdStores({ folder: moved }).find(name, SIZES);
    expect(there.leaf(29).values).toEqual(rows(2, 30).slice(4 * 29));
    expect(await readdir(moved)).toContain(name.id);
    there.close();
    expect(await readdir(moved)).not.toContain(name.id);
    expect(() => createColdStores({ folder: moved }).find(name, SIZES)).toThrow(
      'with the 30 leaves of the stream, got none in',
    );
    await rm(moved, { recursive: true });
  });

  test('what a program wrote after a snapshot, before it was killed, is taken back, and no later snapshot of it goes on', async () => {
    const { child, name, later } = await writer();
    expect(() => createColdStores({ folder }).find(name, SIZES)).toThrow(
      expect.objectContaining({ code: 'leaves/in-use', message: expect.stringContaining(`process ${child.pid} on `) }),
    );
    child.kill('SIGKILL');
    await once(child, 'exit');
    const dropped: number[] = [];
    const next = createColdStores({ folder }).find(name, SIZES, (count) => dropped.push(count));
    expect(dropped).toEqual([30]);
    next.append(rows(5, 40), rows(6, 40));
    expect(next.leaf(30).keys).toEqual(rows(5, 1).slice(0, 4));
    next.close({ kept: true });
    expect(() => createColdStores({ folder }).find(later, SIZES)).toThrow(
      'to hold 60 leaves as the stream left them, got 30',
    );
  });

  test('a stream that goes on leaves what the snapshot names, and no more; another one is refused while it goes on', async () => {
    const { store, name } = begun();
    store.close({ kept: true });
    const stores = createColdStores({ folder });
    const next = stores.find(name, SIZES);
    for (const others of [stores, createColdStores({ folder })]) {
      expect(() => others.find(name, SIZES)).toThrow(expect.objectContaining({ code: 'leaves/in-use' }));
    }
    next.append(rows(3, 30), rows(4, 30));
    next.close({ kept: 'named' });
    expect((await stat(path.join(folder, name.id, '0.keys'))).size).toBe(30 * 16);
    const dropped: number[] = [];
    const last = stores.find(name, SIZES, (count) => dropped.push(count));
    expect([last.leaf(29).values, dropped]).toEqual([rows(2, 30).slice(4 * 29), []]);
    last.close();
  });

  test('a store that was removed, or copied over, is none that a snapshot can name', async () => {
    const { store } = begun();
    const own = path.join(folder, store.id);
    store.name(store.mark());
    await cp(own, `${own}.copy`, { recursive: true });
    await rm(own, { recursive: true });
    const gone = expect.objectContaining({ code: 'leaves/failed', message: expect.stringContaining(own) });
    expect(() => store.name(store.mark())).toThrow(gone);
    await rename(`${own}.copy`, own);
    store.append(rows(3, 1), rows(4, 1));
    expect(() => store.name(store.mark())).toThrow(gone);
    store.close();
  });

  test('a folder that cannot be used is refused when a stream is opened, by its name', async () => {
    const file = path.join(folder, 'file');
    await writeFile(file, '');
    const refused = expect.objectContaining({
      code: 'leaves/folder',
      message: expect.stringMatching(new RegExp(`^Expected to keep leaves in ${file}/.*, got ENOTDIR: `)),
    });
    expect(() => createColdStores({ folder: file }).create(SIZES)).toThrow(refused);
    const { store, name } = begun();
    store.close();
    expect(() => createColdStores({ folder: file }).find(name, SIZES)).toThrow(refused);
  });

  test('fewer leaves than a snapshot says are refused', async () => {
    const { store, name } = begun();
    store.close({ kept: true });
    await truncate(path.join(folder, name.id, '0.values'), 100);
    expect(() => createColdStores({ folder }).find(name, SIZES)).toThrow(
      /^Expected 30 leaves of depth 4 in .*, got 6 of depth 4$/,
    );
    await writeFile(path.join(folder, name.id, '0.values'), '');
    expect(() => createColdStores({ folder }).find({ ...name, base: 7 }, SIZES)).toThrow('Expected 23 leaves');
  });
});

test.each([
  ['memory', () => memoryPlace(4, 8)],
  ['files', () => filePlace(path.join(folder, 'segments'), 4, 8)],
] as const)('segments in %s that are too old are let go of, but one more is there to go back to', (_, place) => {
  const log = createLeafLog(place(), { depth: 4, retention: 10, held: { base: 0, lowest: 0, count: 0 } });
  for (let row = 0; row < 50; row++)
    log.append({
      keys: rows(1, 50).subarray(4 * row, 4 * row + 4),
      values: rows(2, 50).subarray(4 * row, 4 * row + 4),
    });
  expect([log.first(), log.count()]).toEqual([40, 50]);
  log.truncate(43);
  expect(log.row('keys', 33)).toEqual(rows(1, 50).slice(4 * 33, 4 * 34));
  expect(() => log.truncate(20)).toThrow('Expected leaves from 10 on to be kept, got those from 32 on');
  log.hold(43);
  for (let piece = 0; piece < 4; piece++) log.append({ keys: rows(3, 50), values: rows(4, 50) });
  log.truncate(43);
  expect(log.row('keys', 33)).toEqual(rows(1, 50).slice(4 * 33, 4 * 34));
  log.close();
});
