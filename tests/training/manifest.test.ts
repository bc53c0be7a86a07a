import { mkdir, mkdtemp, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { describe, expect, test } from 'vitest';

import { encodeWav } from '../../src/audio/wav.ts';
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
  test('reads words, offsets, and paths relative to its folder', async () => {
    const path = await manifest(entry('Yes  no', ', "offset": 2'), '', entry('stop'));
    const [first, second] = await readManifest(path);
    expect(first).toEqual({
      audioPath: join(path, '..', 'a.wav'),
      offset: 2,
      duration: 1.5,
      words: ['yes', 'no'],
      place: `line 1 of ${path}`,
    });
    expect(second?.offset).toBe(0);
  });

  test.each([
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

  test('skips a byte-order mark, and shows no control characters of a line that is not JSON', async () => {
    expect(await readManifest(await manifest(`\uFEFF${entry('yes')}`))).toHaveLength(1);
    await expect(readManifest(await manifest('\u001b[31m\u0000{'))).rejects.toMatchObject({
      message: expect.stringMatching(/got \.\[31m\.\{$/),
    });
  });

  test('says which manifest is missing', async () => {
    await expect(readManifest('/nowhere/train.jsonl')).rejects.toMatchObject({ code: 'manifest/missing' });
  });
});

describe('manifestRecipe', () => {
  test('makes the words of the training manifest the vocabulary', async () => {
    const train = await manifest(entry('yes no'), entry('stop yes'));
    const { config } = await manifestRecipe({ train, dev: await manifest(entry('no')), name: 'commands' });
    expect(config.vocabulary.labels).toEqual(['no', 'stop', 'yes']);
    expect(config.name).toBe('commands');
  });

  test('refuses held-out words that training never shows', async () => {
    const train = await manifest(entry('yes'));
    await expect(manifestRecipe({ train, dev: await manifest(entry('maybe')), name: 'x' })).rejects.toMatchObject({
      code: 'manifest/vocabulary',
      message: expect.stringContaining("'maybe'"),
    });
  });
});

describe('the recordings of a manifest', () => {
  /** Opens the examples of a manifest whose second line is `extra` about a clip of 1 s; its folder holds a.wav alone. */
  async function open(extra: string): Promise<Float32Array[]> {
    const line = (rest: string): string => `{"audio_filepath": "a.wav", "text": "yes"${rest}}`;
    const dev = await manifest(line(', "duration": 1'), extra === '' ? '' : `{"text": "yes", ${extra}}`);
    const samples = Float32Array.from({ length: 16_000 }, (_, index) => index / 16_000);
    await writeFile(join(dev, '..', 'a.wav'), encodeWav([samples], { sampleRate: 16_000, encoding: 'float32' }));
    await mkdir(join(dev, '..', 'folder'));
    const { examples } = await manifestRecipe({ train: dev, dev, name: 'x' });
    return (await (await examples()).validation()).map((example) => example.samples);
  }

  test.each([
    [
      'an offset beyond the file',
      '"audio_filepath": "a.wav", "duration": 0.5, "offset": 7',
      'manifest/beyond-recording',
    ],
    ['a duration far beyond the file', '"audio_filepath": "a.wav", "duration": 99', 'manifest/beyond-recording'],
    [
      'an entry that leaves the file',
      '"audio_filepath": "a.wav", "duration": 0.8, "offset": 0.5',
      'manifest/beyond-rec',
    ],
    ['a file that is not there', '"audio_filepath": "b.wav", "duration": 1', 'manifest/no-recording'],
    ['a folder', '"audio_filepath": "folder", "duration": 1', 'manifest/no-recording'],
    ['a file that is no recording', '"audio_filepath": "train.jsonl", "duration": 1', 'audio/unknown-container'],
  ])('are refused with the line and the file: %s', async (_, extra, code) => {
    await expect(open(extra)).rejects.toMatchObject({
      code: expect.stringContaining(code),
      message: expect.stringMatching(/line 2 of .*train\.jsonl/),
    });
  });

  test('are refused where mixing their channels leaves nothing to train on', async () => {
    const dev = await manifest('{"audio_filepath": "a.wav", "text": "yes", "duration": 0.5}');
    const samples = Float32Array.from({ length: 16_000 }, (_, index) => Math.sin(index / 9));
    const file = encodeWav([samples, samples.map((sample) => -sample)], { sampleRate: 16_000 });
    await writeFile(join(dev, '..', 'a.wav'), file);
    const { examples } = await manifestRecipe({ train: dev, dev, name: 'x' });
    await expect(examples()).rejects.toMatchObject({
      code: 'audio/cancelled',
      message: expect.stringMatching(/line 1 of .*train\.jsonl/),
    });
  });

  test('may be a rounding of seconds shorter than the manifest says', async () => {
    const [, second] = await open('"audio_filepath": "a.wav", "duration": 0.55, "offset": 0.5');
    expect(second?.length).toBeGreaterThanOrEqual(8_800);
  });
});
