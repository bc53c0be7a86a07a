import * as fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';

import { readAudio } from '../../src/audio/read-audio.ts';
import { type GrammarChoice, loadModel, type Model, type RecognitionEvent, type Word } from '../../src/index.ts';
import { concatenate } from '../../src/tensor/concatenate.ts';

const DIGITS = ['zero', 'one', 'two', 'three', 'four', 'five', 'six', 'seven', 'eight', 'nine'];
/** A thousand phrases of four digits, "four seven two nine" among them. */
const PHRASES = Array.from({ length: 1000 }, (_, index) => ({
  phrase: Array.from(String((4729 + 7 * index) % 10_000).padStart(4, '0'), (digit) => DIGITS[Number(digit)]).join(' '),
  label: `entry ${index}`,
}));

describe('a grammar that is swapped in a stream', () => {
  let model: Model;
  let pin: Float32Array;
  let twice: Float32Array;
  beforeAll(async () => {
    model = await loadModel('codes-en');
    const pieces: Float32Array[] = [];
    for await (const piece of readAudio('samples/pin.wav', { sampleRate: model.sampleRate })) pieces.push(piece);
    pin = concatenate(pieces);
    twice = concatenate([pin, new Float32Array(16_000), pin, new Float32Array(16_000)]);
  });
  afterAll(() => model.dispose());

  /** All events of `twice`, pushed in chunks that end at `cuts`; the grammar becomes `next` after sample `at`. */
  const eventsOf = async (
    first: GrammarChoice,
    { next = first, at = 0, cuts = [] }: { next?: GrammarChoice; at?: number; cuts?: readonly number[] },
  ): Promise<RecognitionEvent[]> => {
    const stream = model.open({ grammar: first });
    const edges = [...new Set([0, at, ...cuts, twice.length])].toSorted((a, b) => a - b);
    const events: RecognitionEvent[] = [];
    for (const [index, start] of edges.slice(0, -1).entries()) {
      if (start === at) await stream.setGrammar(next);
      events.push(...(await stream.push(twice.slice(start, edges[index + 1]))));
    }
    events.push(...(await stream.flush()));
    stream.close();
    return events;
  };
  const finalsOf = (events: readonly RecognitionEvent[]) => events.filter((event) => event.type === 'final');
  test('holds from the next utterance on, and loses nothing of either', async () => {
    const unswapped = finalsOf(await eventsOf({ pattern: '\\d{4}' }, { cuts: [40_000] }));
    const swapped = finalsOf(await eventsOf({ pattern: '\\d{4}' }, { next: { phrases: PHRASES }, at: 40_000 }));
    expect(swapped.map(({ written }) => written)).toEqual(['4729', 'entry 0']);
    const said = ({ text, start, end, words }: (typeof swapped)[number]) => ({
      text,
      start,
      end,
      words: words.map(({ word }) => word),
    });
    expect(swapped[0]).toEqual(unswapped[0]);
    expect(swapped.map(said)).toEqual(unswapped.map(said));
  });

  test('gives the same whatever the chunks are', async () => {
    const swap = { next: { phrases: PHRASES }, at: 40_000 };
    const finals = finalsOf(await eventsOf('digits', swap));
    expect(finals.map(({ text }) => text)).toEqual(['four seven two nine', 'four seven two nine']);
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.integer({ min: 1, max: twice.length - 1 }), { maxLength: 6 }),
        async (cuts: readonly number[]) => {
          const chunked = finalsOf(await eventsOf('digits', { ...swap, cuts }));
          // The size of a chunk changes the last digits of what its vectors hold.
          const near = (word: Word): Word => ({ ...word, confidence: expect.closeTo(word.confidence, 4) });
          const expected = finals.map(({ text, words }) => ({ text, words: words.map(near) }));
          expect(chunked).toMatchObject(expected);
          expect(chunked.map(({ written }) => written)).toEqual([undefined, 'entry 0']);
        },
      ),
      { numRuns: 8 },
    );
  });

  test.each([
    ['in an utterance', 40_000],
    ['between two', 0],
  ])('goes on from a snapshot that is taken right after it, %s', async (_, at) => {
    const whole = await eventsOf('digits', { next: { phrases: PHRASES }, at });
    const first = model.open({ grammar: 'digits' });
    const events = [...(await first.push(twice.slice(0, at)))];
    await first.setGrammar({ phrases: PHRASES });
    const from = await first.snapshot();
    first.close();
    const second = model.open({ from });
    events.push(...(await second.push(twice.slice(at))), ...(await second.flush()));
    second.close();
    expect(finalsOf(events)).toEqual(finalsOf(whole));
  });

  test('holds after a flush', async () => {
    const stream = model.open({ grammar: 'digits' });
    await stream.push(pin.slice(0, 40_000));
    const swapped = stream.setGrammar({ pattern: '\\d{4}' });
    const before = await stream.flush();
    const after = [...(await stream.push(pin.slice())), ...(await stream.flush())];
    await swapped;
    stream.close();
    expect(finalsOf(before)[0]).not.toHaveProperty('written');
    expect(finalsOf(after)).toMatchObject([{ written: '4729' }]);
  });

  test('is refused where it cannot be used, and the stream goes on', async () => {
    const stream = model.open({ grammar: 'digits' });
    await expect(stream.setGrammar({ phrases: ['zebra'] })).rejects.toThrow(
      expect.objectContaining({ code: 'grammar/unknown-word' }),
    );
    await expect(stream.setGrammar(7 as never)).rejects.toThrow(expect.objectContaining({ code: 'option/type' }));
    const events = [...(await stream.push(pin.slice())), ...(await stream.flush())];
    stream.close();
    expect(finalsOf(events)).toMatchObject([{ text: 'four seven two nine' }]);
  });

  test('in a stream that is closed is refused', async () => {
    const stream = model.open();
    stream.close();
    await expect(stream.setGrammar('digits')).rejects.toThrow(expect.objectContaining({ code: 'stream/closed' }));
  });
});
