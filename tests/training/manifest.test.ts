import { mkdtemp, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { describe, expect, it } from 'vitest';

import { readManifest } from '../../src/training/manifest.ts';
import { manifestRecipe } from '../../src/training/manifest-recipe.ts';

async function manifest(...lines: string[]): Promise<string> {
  const path = join(await mkdtemp(join(tmpdir(), 'hearken-manifest-')), 'train.jsonl');
  await writeFile(path, lines.join('\n'));
  return path;
}
const entry = (text: string, extra = ''): string =>
  `{"audio_filepath": "a.wav", "duration": 1.5, "text": "${text}"${extra}}`;

describe('readManifest', () => {
  it('reads words, offsets, and paths relative to its folder', async () => {
    const path = await manifest(entry('Yes  no', ', "offset": 2'), '', entry('stop'));
    const [first, second] = await readManifest(path);
    expect(first).toEqual({ audioPath: join(path, '..', 'a.wav'), offset: 2, duration: 1.5, words: ['yes', 'no'] });
    expect(second?.offset).toBe(0);
  });

  it.each([
    ['not JSON', '{"audio_filepath": '],
    ['no duration', '{"audio_filepath": "a.wav", "text": "yes"}'],
    ['a duration of 0', '{"audio_filepath": "a.wav", "text": "yes", "duration": 0}'],
    ['another value', '[1]'],
  ])('names the line that is wrong: %s', async (_, line) => {
    await expect(readManifest(await manifest(entry('yes'), line))).rejects.toMatchObject({
      code: 'manifest/line',
      message: expect.stringContaining('line 2'),
    });
  });

  it('says which manifest is missing', async () => {
    await expect(readManifest('/nowhere/train.jsonl')).rejects.toMatchObject({ code: 'manifest/missing' });
  });
});

describe('manifestRecipe', () => {
  it('makes the words of the training manifest the vocabulary', async () => {
    const train = await manifest(entry('yes no'), entry('stop yes'));
    const { config } = await manifestRecipe({ train, dev: await manifest(entry('no')), name: 'commands' });
    expect(config.vocabulary.labels).toEqual(['no', 'stop', 'yes']);
    expect(config.name).toBe('commands');
  });

  it('refuses held-out words that training never shows', async () => {
    const train = await manifest(entry('yes'));
    await expect(manifestRecipe({ train, dev: await manifest(entry('maybe')), name: 'x' })).rejects.toMatchObject({
      code: 'manifest/vocabulary',
      message: expect.stringContaining("'maybe'"),
    });
  });
});
