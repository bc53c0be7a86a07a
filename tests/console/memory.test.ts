import { describe, expect, test } from 'vitest';

import { ageAxis, durationOf } from '../../console/memory/age-axis.ts';
import { pastOfMemory, pastOfWord, shareWithin } from '../../console/memory/past.ts';
import { attendedMoments } from '../../console/memory/attended-moments.ts';
import { mergedBoxes, treeAfter } from '../../console/memory/tree.ts';

const CONFIG = { window: 32, leafFanIn: 8, fanIn: 8 };

describe('the tree of summaries', () => {
  test.each([0, 1, 39, 40, 500, 12_345])('stands for every vector of the past exactly once: %i', (count) => {
    const { live, windowCount, rootCount } = treeAfter(CONFIG, count);
    const inOrder = live.toSorted((one, other) => one.start - other.start);
    let at = 0;
    for (const { start, end } of inOrder) {
      expect(start).toBe(at);
      at = end;
    }
    expect(at).toBe(count);
    expect(windowCount + rootCount).toBe(live.length);
  });

  test('shows what a live summary was made of, newest first, down to the size that is wanted', () => {
    const tree = treeAfter(CONFIG, 200);
    const all = mergedBoxes(CONFIG, tree, 1, () => true);
    expect(all.map(({ start, end }) => [start, end]).slice(0, 2)).toEqual([
      [56, 64],
      [48, 56],
    ]);
    expect(all).toHaveLength(8);
    expect(mergedBoxes(CONFIG, tree, 1, ({ start }) => start >= 48)).toHaveLength(2);
  });
});

describe('the axis of the past', () => {
  test('leads from left to right as time does, linear near its end and logarithmic beyond', () => {
    const { toX, ticks } = ageAxis(50, 850, 3600, 1.28);
    expect(toX(3600)).toBeCloseTo(50, 9);
    expect(toX(0)).toBe(850);
    expect((850 - toX(0.2)) / (850 - toX(0.1))).toBeCloseTo(1.93, 1);
    expect((toX(100) - toX(1000)) / (toX(200) - toX(2000))).toBeCloseTo(1, 2);
    expect(ticks).not.toContain(3600);
  });

  test('names durations by at most two digits', () => {
    expect([0.32, 2.56, 20.48, 163.84, 10_485.76].map(durationOf)).toEqual([
      '0.32 s',
      '2.6 s',
      '20 s',
      '2.7 min',
      '2.9 h',
    ]);
  });
});

describe('where a read looked', () => {
  const past = pastOfMemory({
    type: 'memory',
    time: 4,
    roots: [
      { level: 1, start: 0, end: 2, shares: [0.1, 0.2] },
      { level: 0, start: 2, end: 4, shares: [0.3, 0, 0, 0.4] },
    ],
  });

  test('is told by equal parts of every root', () => {
    expect(past).toMatchObject({ start: 0, end: 4 });
    expect(past.bins[1]).toEqual({ start: 1, end: 2, share: 0.2 });
    expect(past.bins[2]).toEqual({ start: 2, end: 2.5, share: 0.3 });
    expect(shareWithin(past.bins, 0, 4)).toBeCloseTo(1, 9);
    expect(shareWithin(past.bins, 0.5, 2)).toBeCloseTo(0.25, 9);
  });

  test('comes of the decoder where it wrote the word, else of the read', () => {
    const word = { word: 'one', start: 0, end: 1, confidence: 1, memory: [1, 0] };
    expect(pastOfWord([0, 1, 3], word).bins.map(({ share }) => share)).toEqual([1, 0]);
    expect(pastOfWord([0, 1, 3], { ...word, decoder: [0, 1] }).bins[1]).toEqual({ start: 1, end: 3, share: 1 });
  });

  test('is told in words: neighbours as one moment, the heaviest first, with what was said then', () => {
    const words = [{ word: 'nine', start: 3.6, end: 3.9, confidence: 1 }];
    const moments = attendedMoments(past, words);
    expect(moments.map(({ start, end, words: said }) => [start, end, said])).toEqual([
      [0, 2.5, ''],
      [3.5, 4, 'nine'],
    ]);
    expect(moments[0]?.share).toBeCloseTo(0.6, 9);
  });
});
