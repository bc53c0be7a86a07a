import { readdir, readFile } from 'node:fs/promises';
import { describe, expect, test } from 'vitest';

import { alignmentOf, EXAMPLES } from '../../scripts/attention-examples.ts';
import { attentionPictures } from '../../scripts/draw-attention.ts';

const FOLDER = new URL('../../docs/pictures/', import.meta.url);
const NUMBER = /-?\d+(?:\.\d+)?/g;
/** Processors round differently, in the last digit that is written. */
const TOLERANCE = 0.11;

const drawn = await attentionPictures();

describe('the pictures of the guide to attention', () => {
  test('are all there, and no others', async () => {
    const files = (await readdir(FOLDER)).map((file) => file.replace('.svg', ''));
    expect(files.toSorted()).toEqual(Object.keys(drawn).toSorted());
  });

  test('are all shown, each with a word of what it shows', async () => {
    const guide = await readFile(new URL('../../docs/attention.md', import.meta.url), 'utf8');
    const shown = [...guide.matchAll(/!\[[^\]]{3,}\]\(pictures\/([a-z-]+)\.svg\)/g)].map(([, name = '']) => name);
    expect(shown.toSorted()).toEqual(Object.keys(drawn).toSorted());
  });

  test.each(Object.keys(drawn))('%s is what the mechanisms give', async (name) => {
    const file = await readFile(new URL(`${name}.svg`, FOLDER), 'utf8');
    const picture = drawn[name] ?? '';
    expect(file.replaceAll(NUMBER, 'x'), 'run npx tsx scripts/draw-attention.ts').toBe(picture.replaceAll(NUMBER, 'x'));
    const numbers = (picture.match(NUMBER) ?? []).map(Number);
    for (const [index, text] of (file.match(NUMBER) ?? []).entries()) {
      const smallest = text.includes('.') && Math.abs(Number(text)) <= 1 ? 0.002 : TOLERANCE; // a share, or a place
      expect(Math.abs(Number(text) - (numbers[index] ?? NaN))).toBeLessThanOrEqual(smallest);
    }
  });

  test('show letters found, and three equal ones told apart by where they stand only', async () => {
    const share = async (name: string, query: number, entry: number): Promise<number> => {
      const example = EXAMPLES[name];
      return example === undefined ? NaN : ((await alignmentOf(example))[query]?.[entry] ?? NaN);
    };
    for (const name of ['cosine', 'dot', 'scaled-dot', 'general', 'concat', 'additive', 'network']) {
      expect(await share(name, 1, 3)).toBeCloseTo(await share(name, 1, 1), 5);
      expect(await share(name, 1, 1)).toBeGreaterThan(0.3);
    }
    for (const name of ['location', 'local-m', 'monotonic-hard']) expect(await share(name, 3, 3)).toBeGreaterThan(0.9);
  });
});
