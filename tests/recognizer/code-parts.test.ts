import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';

import { createPrefixBeam, type Hypothesis } from '../../src/ctc/prefix-beam.ts';
import { AutomatonBuilder } from '../../src/grammar/automaton.ts';
import { walkOf } from '../../src/grammar/walk.ts';
import { loadModel, type FinalEvent, type Model, type RecognitionEvent } from '../../src/index.ts';
import { joinParts } from '../../src/recognizer/code-parts.ts';
import { concatenate } from '../../src/tensor/concatenate.ts';
import { Random } from '../../src/tensor/random.ts';
import { samplesOf } from '../server/recordings.ts';
import { inChunks } from './chunks.ts';

const DIGITS = '5551980746'.repeat(3);
const RATE = 16_000;
const silence = (seconds: number): Float32Array => new Float32Array(seconds * RATE);

describe('a code that takes longer than an utterance lasts', () => {
  let model: Model;
  let phone: Float32Array;
  let long: Float32Array;
  beforeAll(async () => {
    model = await loadModel('codes-en');
    phone = await samplesOf('phone-number', RATE);
    long = concatenate([phone, phone, silence(1), phone, silence(1)]);
  });
  afterAll(() => model.dispose());

  const eventsOf = async (chunks: Iterable<Float32Array>, pattern = '\\d{30}'): Promise<RecognitionEvent[]> => {
    const events: RecognitionEvent[] = [];
    for await (const event of model.stream(chunks, { grammar: { pattern } })) events.push(event);
    return events;
  };
  const settled = (events: readonly RecognitionEvent[]): unknown =>
    JSON.parse(
      JSON.stringify(
        events.filter(({ type }) => type !== 'partial'),
        (_, value) => (typeof value === 'number' ? Math.round(value * 1e3) / 1e3 : value),
      ),
    );

  test('is one code, with one final that has all words, and partials that grow to the whole', async () => {
    const events = await eventsOf(inChunks(long, 8_000));
    const [final, ...others] = events.filter((event): event is FinalEvent => event.type === 'final');
    expect(others).toEqual([]);
    expect(final).toMatchObject({ written: DIGITS, complete: true, valid: true });
    expect(final!.start).toBeLessThan(0.5);
    expect(final!.end).toBeGreaterThan(18);
    expect(final!.words).toHaveLength(30);
    for (const [index, { start, end, confidence }] of final!.words.entries()) {
      expect(start).toBeGreaterThanOrEqual(index === 0 ? 0 : final!.words[index - 1]!.end);
      expect(end).toBeGreaterThan(start);
      expect(confidence).toBeGreaterThan(0);
    }
    const partials = events.filter((event) => event.type === 'partial').map(({ written }) => written);
    expect(partials.at(-1)!.length).toBeGreaterThanOrEqual(29);
    for (const written of partials) expect(DIGITS.startsWith(written!)).toBe(true);
    expect(events.filter(({ type }) => type === 'endpoint')).toHaveLength(1);
  });

  test('is the same for any chunks', async () => {
    const whole = settled(await eventsOf([long]));
    for (const size of [1_000, 7_777, 130_000]) {
      expect(settled(await eventsOf(inChunks(long, size))), `chunks of ${size}`).toEqual(whole);
    }
  });

  test('goes on from snapshots between its parts, in whatever order streams come', async () => {
    const whole = settled(await eventsOf(inChunks(long, 16_000)));
    const other = settled(await eventsOf(inChunks(phone, 16_000), '\\d{10}'));
    let stream = model.open({ grammar: { pattern: '\\d{30}' } });
    const beside = model.open({ grammar: { pattern: '\\d{10}' } });
    const events: RecognitionEvent[] = [];
    const eventsBeside: RecognitionEvent[] = [];
    const besides = [...inChunks(phone, 16_000)];
    for (const chunk of inChunks(long, 16_000)) {
      const beginning = besides.shift();
      const [own, others] = await Promise.all([stream.push(chunk), beginning ? beside.push(beginning) : []]);
      events.push(...own);
      eventsBeside.push(...others);
      const from = await stream.snapshot();
      stream.close();
      stream = model.open({ from });
    }
    events.push(...(await stream.flush()));
    eventsBeside.push(...(await beside.flush()));
    expect(settled(events)).toEqual(whole);
    expect(settled(eventsBeside)).toEqual(other);
  });

  test('is waited for in pauses of two seconds, and given up after a longer one', async () => {
    const { words } = await model.transcribe(phone, { grammar: 'digits' });
    const said = phone.slice(Math.floor(words[0]!.start * RATE), Math.ceil(words.at(-1)!.end * RATE));
    const groups = (seconds: number): Float32Array =>
      concatenate([silence(0.3), said, silence(seconds), said, silence(4)]);
    const finals = async (seconds: number): Promise<(string | undefined)[]> =>
      (await eventsOf([groups(seconds)], '\\d{20}')).flatMap((event) =>
        event.type === 'final' ? [`${event.written} ${event.complete}`] : [],
      );
    expect(await finals(2)).toEqual([`${DIGITS.slice(0, 20)} true`]);
    expect(await finals(3)).toHaveLength(2);
  });

  test('is final after its cut, too, where nothing more is said', async () => {
    const events = await eventsOf([concatenate([phone, phone, phone, silence(4)])], '\\d{40}');
    const final = events.find(({ type }) => type === 'final');
    expect(final).toMatchObject({ written: DIGITS, complete: false });
  });
});

describe('a code that is whole', () => {
  let model: Model;
  beforeAll(async () => {
    model = await loadModel('codes-en');
  });
  afterAll(() => model.dispose());

  test('is final before the usual pause is over, if nothing may follow and the grammar does not forbid it', async () => {
    const pin = concatenate([await samplesOf('pin', RATE), silence(3)]);
    const finalOf = async (pattern: string, completePauseMs?: number): Promise<FinalEvent> => {
      const grammar = { pattern, completePauseMs };
      for await (const event of model.stream([pin], { grammar })) if (event.type === 'final') return event;
      throw new Error('Expected a final, got none');
    };
    const [early, usual, open] = [
      await finalOf('\\d{4}'),
      await finalOf('\\d{4}', 10_000),
      await finalOf('\\d{4}\\d?'),
    ];
    expect(early).toMatchObject({ written: '4729', savedMs: 650 });
    expect(usual).toMatchObject({ written: '4729' });
    expect(usual).not.toHaveProperty('savedMs');
    expect(open).not.toHaveProperty('savedMs');
    expect(usual.end).toBe(open.end);
    expect(1000 * (usual.end - early.end)).toBeCloseTo(650, -2);
  });

  test('is asked for once in each silence of the time that the grammar states', async () => {
    const grammar = { pattern: '\\d{4}', noInputMs: 2_000 };
    const samples = concatenate([silence(5), await samplesOf('pin', RATE), silence(7)]);
    const times = async (chunk: number): Promise<number[]> => {
      const found: number[] = [];
      for await (const event of model.stream(inChunks(samples, chunk), { grammar })) {
        if (event.type === 'no-input') found.push(event.time);
        if (event.type === 'final') found.push(-1);
      }
      return found;
    };
    const [first, final, second, ...others] = await times(16_000);
    expect([first, final, others]).toEqual([2, -1, []]);
    expect(second).toBeGreaterThan(10);
    expect(await times(5_000)).toEqual([first, final, second]);
  });

  test.each([{ incompletePauseMs: 50 }, { completePauseMs: 10_001 }, { noInputMs: Number.NaN }])(
    'is not listened for with %o',
    (wrong) => {
      expect(() => model.open({ grammar: { pattern: '\\d', ...wrong } })).toThrow(
        expect.objectContaining({ code: 'option/out-of-range' }),
      );
    },
  );
});

/** Words of two or three labels, each one after the other of the alphabet or the same again. */
function chain(length: number) {
  const builder = new AutomatonBuilder();
  const states = [0, ...Array.from({ length }, () => builder.addState())];
  for (let at = 0; at < length; at++) {
    for (const label of [1, 2, 3]) {
      builder.addArc(states[at]!, { label, next: states[at + 1]!, weight: -0.1 * label, written: `${label}` });
    }
    builder.addArc(states[at]!, { label: 3, next: states[Math.min(length, at + 2)]!, weight: -1, written: 'x' });
  }
  builder.end(states[length]!);
  return walkOf(builder.build());
}

function rowsOf(count: number, seed: number) {
  const random = Random.seeded(seed);
  const data = new Float32Array(count * 4);
  for (let row = 0; row < count; row++) {
    const own = Float64Array.from({ length: 4 }, () => Math.exp(3 * random.normal()));
    const total = own.reduce((sum, value) => sum + value, 0);
    for (const [label, value] of own.entries()) data[row * 4 + label] = Math.log(value / total);
  }
  return { width: 4, data };
}

describe('the search of a part', () => {
  test('from several starts finds what the searches from each of them find', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 1e6 }), fc.integer({ min: 1, max: 5 }), (seed, count) => {
        const walk = chain(4);
        const starts = [[], [1], [1, 2]].map((labels, index) => ({
          state: walk.follow(labels)!.state,
          logProbability: -index,
        }));
        const rows = rowsOf(count, seed);
        const search = (own: typeof starts): Hypothesis[] => {
          const beam = createPrefixBeam({ labelCount: 3, beamSize: 4096, walk, starts: own });
          beam.push(rows);
          return beam.hypotheses();
        };
        const together = search(starts).map(({ labels, logProbability }) => `${labels} ${logProbability.toFixed(6)}`);
        const apart = starts.flatMap((start) => search([start]));
        expect(together.toSorted()).toEqual(
          apart.map(({ labels, logProbability }) => `${labels} ${logProbability.toFixed(6)}`).toSorted(),
        );
      }),
      { numRuns: 50 },
    );
  });

  test('is joined with what was before as far as it fits, by the sum of both, best first', () => {
    const walk = chain(4);
    const word = (start: number) => ({ word: 'w', start, end: start + 1, confidence: 1 });
    const before = {
      start: 7,
      hypotheses: [
        { labels: [1, 1], logProbability: -1, words: [word(0), word(1)] },
        { labels: [2], logProbability: -2, words: [word(0)] },
        { labels: [2, 2], logProbability: -3, words: [word(0), word(1)] },
      ],
    };
    const starts = [walk.follow([1, 1])!.state, walk.follow([2])!.state];
    const joined = joinParts(walk, before, {
      start: 50,
      starts,
      hypotheses: [
        { labels: [1, 2], start: 0, logProbability: -1 },
        { labels: [1, 2, 2], start: 1, logProbability: -0.5 },
        { labels: [3], start: 0, logProbability: Number.NEGATIVE_INFINITY },
      ],
      wordsOf: (labels) => labels.map((_, index) => word(10 + index)),
    });
    expect(joined.start).toBe(7);
    expect(joined.hypotheses.map(({ labels, logProbability }) => [labels.join(''), logProbability])).toEqual([
      ['1112', -2],
      ['2122', -2.5],
      ['2212', -4],
    ]);
    expect(joined.wordsOf([2, 1, 2, 2]).map(({ start }) => start)).toEqual([0, 10, 11, 12]);
    expect(joined.lastOf([2, 1, 2, 2])).toEqual([1, 2, 2]);
    expect(joined.kept()).toMatchObject({ start: 7, hypotheses: [{ labels: [1, 1, 1, 2] }, {}, {}] });
  });
});
