/** Streams of symbols: outputs as the input comes, or at a flush; the same for any chunking, and from any snapshot. */
import * as fc from 'fast-check';
import { beforeAll, describe, expect, test } from 'vitest';

import { loadBackend } from '../../src/backend/backends.ts';
import type { SequenceEvent, SequenceModel } from '../../src/index.ts';
import { createSequenceModel } from '../../src/sequence/model.ts';
import { configOf, PARTS, type Parts, tinyEngine } from './tiny-model.ts';

beforeAll(() => loadBackend('cpu'));

const MONOTONIC: Parts & { title: string } = {
  title: 'causal, monotonic',
  encoder: { kind: 'gru', units: 8, layers: 1, direction: 'causal' },
  memory: { kind: 'full' },
  decoder: { order: 'bahdanau', inputFeeding: false, attention: { kind: 'monotonic' } },
};
/** Seeds of weights that write some symbols and end, of some inputs at least. */
const SEEDS: Readonly<Record<string, number>> = { 'causal, monotonic': 8, 'pairs, MoChA': 5 };

function modelOf(parts: Parts & { readonly title: string }): Promise<SequenceModel> {
  return tinyEngine(configOf(parts), SEEDS[parts.title]).then(createSequenceModel);
}

const ONLINE = [MONOTONIC, PARTS.find(({ title }) => title === 'pairs, MoChA')!];

const ids = fc
  .array(fc.integer({ min: 0, max: 3 }), { minLength: 1, maxLength: 24 })
  .map((list) => Int32Array.from(list));
const cuts = fc.array(fc.integer({ min: 0, max: 24 }), { maxLength: 5 });

function chunksOf(input: Int32Array, places: readonly number[]): Int32Array[] {
  const edges = [0, ...places.map((place) => Math.min(place, input.length)).toSorted((a, b) => a - b), input.length];
  return edges.slice(1).map((end, index) => input.slice(edges[index], end));
}

/** Events of all chunks and the flush, saved and opened anew after chunk `saveAfter`. */
async function eventsOf(model: SequenceModel, chunks: readonly Int32Array[], saveAfter = -1): Promise<SequenceEvent[]> {
  const events: SequenceEvent[] = [];
  let stream = model.open();
  for (const [index, chunk] of chunks.entries()) {
    events.push(...(await stream.push(chunk)));
    if (index !== saveAfter) continue;
    const from = await stream.snapshot();
    stream.close();
    stream = model.open({ from });
  }
  events.push(...(await stream.flush()));
  stream.close();
  return events;
}

function tokensOf(events: readonly SequenceEvent[]): number[] {
  return events.flatMap((event) => (event.type === 'symbol' ? [event.token] : []));
}

describe.each([MONOTONIC, ...PARTS])('a stream of symbols: $title', (parts) => {
  test('tells what is written about the whole, however it is cut, and from a snapshot of any moment', async () => {
    await using model = await modelOf(parts);
    await fc.assert(
      fc.asyncProperty(ids, cuts, fc.integer({ min: -1, max: 5 }), async (input, places, saveAfter) => {
        const [best] = await model.decode(input, { beamSize: 1 });
        const events = await eventsOf(model, chunksOf(input, places), saveAfter);
        expect(tokensOf(events)).toEqual(best?.tokens);
        expect(events).toEqual(await eventsOf(model, [input]));
        expect(events.at(-1)).toEqual({ type: 'end', inputs: input.length, outputs: best?.tokens.length });
      }),
      { numRuns: 12 },
    );
  }, 120_000);
});

test('a stream that goes on to write after attention has stopped nowhere writes what the whole has', async () => {
  await using model = await modelOf(MONOTONIC);
  const input = Int32Array.of(1);
  const [best] = await model.decode(input, { beamSize: 1 });
  expect(tokensOf(await eventsOf(model, [input], 0))).toEqual(best?.tokens);
  expect(best?.alignment.some((shares) => shares.every((share) => share === 0))).toBe(true);
});

test.each(ONLINE)('outputs come before the input has ended: $title', async (parts) => {
  await using model = await modelOf(parts);
  const input = Int32Array.from({ length: 24 }, (_, index) => (7 * index) % 4);
  const [best] = await model.decode(input, { beamSize: 1 });
  expect(best?.tokens.length).toBeGreaterThan(1); // else this shows nothing
  const stream = model.open();
  const early: SequenceEvent[] = [];
  let heard = 0;
  for (const id of input) {
    const events = await stream.push(Int32Array.of(id));
    heard++;
    for (const event of events) {
      expect(event).toMatchObject({ type: 'symbol' });
      expect('position' in event ? event.position : heard).toBeLessThan(heard); // at what was there
    }
    early.push(...events);
  }
  expect(early.length).toBeGreaterThan(0);
  expect([...tokensOf(early), ...tokensOf(await stream.flush())]).toEqual(best?.tokens);
});

test('streams that are pushed at once, two sequences each, do not mix; a wrong symbol ends its own stream alone', async () => {
  await using model = await modelOf(MONOTONIC);
  const inputs = [Int32Array.of(0, 1, 2, 3, 3, 1), Int32Array.of(3, 2), Int32Array.of(1, 9)];
  const outcomes = await Promise.allSettled(
    inputs.map(async (input) => {
      const stream = model.open();
      const first = [...(await stream.push(input)), ...(await stream.flush())];
      const second = [...(await stream.push(input)), ...(await stream.flush())];
      expect(second).toEqual(first);
      return tokensOf(first);
    }),
  );
  for (const [index, outcome] of outcomes.slice(0, 2).entries()) {
    const [best] = await model.decode(inputs[index]!, { beamSize: 1 });
    expect(outcome).toEqual({ status: 'fulfilled', value: best?.tokens });
  }
  expect(outcomes[2]).toMatchObject({
    status: 'rejected',
    reason: { code: 'symbols/unknown', message: "Expected ids in 0..3, got '9' as symbol 2" },
  });
});

test('a snapshot of another model is refused', async () => {
  await using one = createSequenceModel(await tinyEngine(configOf(MONOTONIC), 1));
  await using other = createSequenceModel(await tinyEngine(configOf(MONOTONIC), 2));
  const from = await one.open().snapshot();
  expect(() => other.open({ from })).toThrow('Expected a snapshot of tiny-2, got one of tiny-1');
});
