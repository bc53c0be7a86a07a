import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { afterAll, beforeAll, describe, expect, test } from 'vitest';

import { rootMeanSquare } from '../../corpora/clip.ts';
import { type Utterance, writeUtteranceBank } from '../../corpora/utterance-bank.ts';
import { type Augmenter, BUCKET_SECONDS, createAugmenter } from '../../models/codes-en/augment.ts';
import { CODE_WORDS, labelOf } from '../../models/codes-en/words.ts';
import { burst, decibels, digest, loudest } from './sound.ts';

let folder: string;
let augmenter: Augmenter;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'hearken-augment-'));
  await writeUtteranceBank(join(folder, 'synthesis'), utterances());
  await mkdir(join(folder, 'noise/train'), { recursive: true });
  for (const kind of ['music', 'babble']) {
    const recording = Int16Array.from(burst(kind.length, 20), (sample) => sample * 8000);
    await writeFile(join(folder, 'noise/train', `${kind}-0.pcm`), new Uint8Array(recording.buffer));
  }
  augmenter = await open('train');
}, 60_000);
afterAll(() => rm(folder, { recursive: true }));

/** Held-out utterances have labels of their own here, so that they can be told apart. */
async function* utterances(): AsyncGenerator<Utterance> {
  for (const source of ['recordings', 'formants'] as const) {
    for (const split of ['train', 'dev'] as const) {
      const about = { voice: `${source} ${split}`, source, split };
      const label = (name: string): string => (split === 'train' ? name : `held-out ${name}`);
      for (const [index, word] of CODE_WORDS.entries()) {
        yield { ...about, labels: [label(labelOf(word))], samples: speech(index, 0.4) };
      }
      yield { ...about, labels: ['1', '2'], samples: speech(50, 0.7) };
      yield { ...about, labels: ['a', '2'].map(label), samples: speech(51, 0.7) };
      yield { ...about, labels: Array.from('12345678'), samples: speech(52, 9) };
    }
  }
}

function speech(seed: number, seconds: number): Int16Array {
  return Int16Array.from(burst(seed, seconds), (sample) => sample * 20_000);
}

function open(split: 'train' | 'dev'): Promise<Augmenter> {
  return createAugmenter({ synthesisDir: join(folder, 'synthesis'), noiseDir: join(folder, 'noise'), seed: 5, split });
}

describe('augmented examples', () => {
  test('fill a bucket exactly, hold labels, and are sound throughout', () => {
    const lengths = new Set(BUCKET_SECONDS.map((seconds) => Math.round(seconds * 16_000)));
    for (const { samples, labels, warp } of augmenter.makeShard(0, 40)) {
      expect(lengths).toContain(samples.length);
      expect(labels.length).toBeGreaterThan(0);
      expect(warp).toBeGreaterThanOrEqual(0.8);
      expect(warp).toBeLessThanOrEqual(1.24);
      expect(loudest(samples)).toBeLessThan(1.1);
      for (const edge of [samples.subarray(0, 600), samples.subarray(-600)]) {
        expect(decibels(rootMeanSquare(edge))).toBeGreaterThan(-70);
      }
    }
  });

  test('follow something said before in some, which ends before the utterance begins', () => {
    const examples = augmenter.makeShard(5, 100);
    const second = examples.filter(({ preceding }) => preceding !== undefined);
    expect(second.length).toBeGreaterThan(10);
    expect(second.length).toBeLessThan(50);
    for (const { samples, preceding } of second) {
      expect(preceding?.labels.length).toBeGreaterThan(0);
      expect(preceding?.end).toBeGreaterThan(0.5 * 16_000);
      expect(preceding?.end).toBeLessThan(samples.length - 0.5 * 16_000);
    }
  });

  test('are a pure function of seed, shard and place', async () => {
    const digests = (examples: readonly { samples: Float32Array }[]): string[] =>
      examples.map(({ samples }) => digest(samples));
    const [third, again] = [augmenter.makeShard(3, 6), (await open('train')).makeShard(3, 8)];
    expect(digests(again).slice(0, 6)).toEqual(digests(third));
    expect(new Set([...digests(third), ...digests(augmenter.makeShard(4, 6))]).size).toBe(12);
  });

  test('are digits in about half of the cases, and single words in about a third', () => {
    const examples = augmenter.makeShard(1, 200);
    const share = (isSo: (labels: readonly string[]) => boolean): number =>
      examples.filter(({ labels }) => isSo(labels)).length / examples.length;
    const digits = share((labels) => labels.every((label) => /^[0-9o]$/.test(label)));
    expect(digits).toBeGreaterThan(0.35);
    expect(digits).toBeLessThan(0.65);
    const single = share((labels) => labels.length === 1);
    expect(single).toBeGreaterThan(0.12);
    expect(single).toBeLessThan(0.4);
  });

  test('never mix what is held out with what is trained on', async () => {
    const isHeldOut = ({ labels }: { labels: readonly string[] }): boolean =>
      labels.some((label) => label.startsWith('held-out'));
    expect((await open('dev')).makeShard(0, 30).some(isHeldOut)).toBe(true);
    expect(augmenter.makeShard(0, 30).some(isHeldOut)).toBe(false);
  });

  test('squeeze a string that is too long into eight seconds, and make some wait for it', () => {
    const long = augmenter.makeShard(2, 100).filter(({ labels }) => labels.join('') === '12345678');
    const lengths = new Set(long.map(({ samples }) => samples.length));
    expect(lengths).toContain(8 * 16_000);
    expect([...lengths].some((length) => length > 8 * 16_000)).toBe(true);
    expect([...lengths].every((length) => length >= 8 * 16_000)).toBe(true);
  });
});

describe('createAugmenter', () => {
  test('names what is missing', async () => {
    const options = { synthesisDir: '/nowhere', noiseDir: join(folder, 'noise'), seed: 1 };
    await expect(createAugmenter(options)).rejects.toThrow('Expected synthesised speech in /nowhere');
    const silent = { ...options, synthesisDir: join(folder, 'synthesis'), noiseDir: '/nowhere' };
    await expect(createAugmenter(silent)).rejects.toThrow('npm run data:speech');
  });
});
