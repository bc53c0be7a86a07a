import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';

import type { Word } from '../../src/text/word.ts';
import { toCues, toSrt, toWebVtt } from '../../src/text/subtitles.ts';

function word(text: string, start: number, end: number): Word {
  return { word: text, start, end, confidence: 1 };
}

const words = [word('seven', 0.1, 0.5), word('oh', 0.6, 0.9), word('two', 2, 2.4)];

describe('subtitles', () => {
  test('are a SubRip file with numbered cues', () => {
    expect(toSrt(words)).toBe('1\n00:00:00,100 --> 00:00:00,900\nseven oh\n\n2\n00:00:02,000 --> 00:00:02,400\ntwo\n');
  });

  test('are a WebVTT file with its header', () => {
    expect(toWebVtt(words)).toBe(
      'WEBVTT\n\n00:00:00.100 --> 00:00:00.900\nseven oh\n\n00:00:02.000 --> 00:00:02.400\ntwo\n',
    );
  });

  test('of nothing are an empty SRT and the header of a WebVTT', () => {
    expect(toSrt([])).toBe('');
    expect(toWebVtt([])).toBe('WEBVTT\n');
  });

  test('cannot be broken by what a word holds', () => {
    const wild = [word('a<b>&amp;-->', 0, 1), word('x\n\n2', 1, 2)];
    expect(toWebVtt(wild)).toContain('\na&lt;b&gt;&amp;amp;--&gt; x 2\n');
    expect(toSrt(wild)).toContain('\na<b>&amp;-> x 2\n');
  });

  test.each([
    [59.9996, '00:01:00,000'],
    [3599.9994, '00:59:59,999'],
    [3599.9996, '01:00:00,000'],
    [360_000.001, '100:00:00,001'],
    [0.0004, '00:00:00,000'],
  ])('carry when %d s is rounded to milliseconds', (seconds, stamp) => {
    expect(toSrt([word('one', seconds, seconds + 1)])).toContain(`${stamp} -->`);
  });

  test('are parted by pauses, by length in time and by length of text', () => {
    const countOf = (text: string, every: number, lasting: number) =>
      toCues(Array.from({ length: 10 }, (_, index) => word(text, index * every, index * every + lasting))).length;
    expect(countOf('nine', 0.5, 0.25)).toBe(2); // 42 characters hold 8 words
    expect(countOf('nine', 1.125, 0.25)).toBe(10); // pauses of 0.875 s
    expect(countOf('o', 1, 0.25)).toBe(2); // 6 s hold 6 words
    expect(countOf('o', 0.5, 0.25)).toBe(1);
    expect(countOf('o'.repeat(43), 0.5, 0.25)).toBe(10);
  });

  test('are parted only by more than 0.8 s of pause, 6 s of time or 42 characters', () => {
    const said = (...times: readonly (readonly [number, number])[]): number =>
      toCues(times.map(([start, end]) => word('o', start, end))).length;
    expect([said([0, 0.25], [1.05, 1.5]), said([0, 0.25], [1.0625, 1.5])]).toEqual([1, 2]);
    expect([said([0, 5], [5.5, 6]), said([0, 5], [5.5, 6.001])]).toEqual([1, 2]);
    const texts = (length: number): number => toCues([word('o', 0, 1), word('o'.repeat(length), 1, 2)]).length;
    expect([texts(40), texts(41)]).toEqual([1, 2]);
  });

  test('show the words of each channel by themselves, in the order in which cues begin', () => {
    const of = (channel: number, text: string, start: number): Word => ({ ...word(text, start, start + 0.5), channel });
    const talk = [of(0, 'one', 0), of(1, 'two', 0.25), of(0, 'three', 0.75), of(1, 'four', 3), of(0, 'five', 4)];
    expect(toCues(talk)).toEqual([
      { start: 0, end: 1250, text: 'one three', channel: 0 },
      { start: 250, end: 750, text: 'two', channel: 1 },
      { start: 3000, end: 3500, text: 'four', channel: 1 },
      { start: 4000, end: 4500, text: 'five', channel: 0 },
    ]);
    expect(toSrt(talk)).toContain('2\n00:00:00,250 --> 00:00:00,750\n[channel 1] two\n');
    expect(toWebVtt(talk)).toContain('\n<v channel 1>two\n');
    expect(toCues(words)[0]).not.toHaveProperty('channel');
  });

  test('show no word of spaces alone', () => {
    expect(toCues([word(' ', 0, 1), word('one', 3, 4), word('\n', 9, 10)])).toEqual([
      { start: 3000, end: 4000, text: 'one' },
    ]);
  });

  const spoken = fc
    .array(
      fc.record({
        gap: fc.double({ min: 0, max: 3, noNaN: true }),
        length: fc.double({ min: 0, max: 9, noNaN: true }),
        text: fc.string({ maxLength: 12 }),
      }),
      { maxLength: 30 },
    )
    .map((parts) => {
      let clock = 0;
      return parts.map(({ gap, length, text }) => {
        const start = clock + gap;
        clock = start + length;
        return word(text, start, clock);
      });
    });

  test('hold every word once, in order, in cues that last and do not overlap', () => {
    fc.assert(
      fc.property(spoken, (said) => {
        const cues = toCues(said);
        const flat = (texts: string[]) => texts.join(' ').replace(/\s+/g, ' ').trim();
        expect(flat(cues.map(({ text }) => text))).toBe(flat(said.map((one) => one.word)));
        let previous = 0;
        for (const { start, end } of cues) {
          expect(start).toBeGreaterThanOrEqual(previous);
          expect(end).toBeGreaterThan(start);
          expect(Number.isInteger(start) && Number.isInteger(end)).toBe(true);
          previous = end;
        }
      }),
    );
  });

  test('refuse words out of order and times that are none', () => {
    expect(() => toSrt([word('two', 2, 3), word('one', 1, 2)])).toThrow("got 'one' from 1 to 2, after 'two' from 2");
    expect(() => toSrt([word('one', Number.NaN, 1)])).toThrow("got 'one' from NaN to 1");
    expect(() => toSrt([word('one', -1, 1)])).toThrow('Expected words in the order');
  });
});
