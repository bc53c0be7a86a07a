import { beforeAll, beforeEach, describe, expect, test, type TestContext } from 'vitest';

import { CLIP_RATE, rootMeanSquare } from '../../corpora/clip.ts';
import { randomFor } from '../../corpora/draw.ts';
import { espeakVariants, synthesizeEspeak } from '../../corpora/synthesis/espeak.ts';
import { requireFestivalVoices, synthesizeFestival } from '../../corpora/synthesis/festival.ts';
import { synthesizeFlite } from '../../corpora/synthesis/flite.ts';
import { installNeuralVoices, type NeuralJob, synthesizeNeural } from '../../corpora/synthesis/neural.ts';
import { installPico, synthesizePico } from '../../corpora/synthesis/pico.ts';
import { kokoroPhonemesOf, phonemesOf } from '../../models/codes-en/phonemes.ts';
import { espeakTasks } from '../../models/codes-en/voices/espeak.ts';
import { fliteTasks } from '../../models/codes-en/voices/flite.ts';
import { punctuate } from '../../models/codes-en/voices/strings.ts';
import { CODE_WORDS } from '../../models/codes-en/words.ts';
import { missingPrograms, skipNote } from '../installed.ts';
import { digest } from './sound.ts';

const noEspeak = missingPrograms('espeak-ng');
const noFlite = missingPrograms('flite');
const noFestival = missingPrograms('festival');

const PICO = '.data/pico';
const NEURAL = '.data/neural-voices';
/** Milliseconds: what is not there yet is downloaded and built. */
const INSTALLING = 600_000;

/** Makes `had` happen before the tests of a suite; what it gives skips each of them where that failed. */
function skipUnless(had: () => Promise<void>): (context: TestContext) => void {
  let reason: string | undefined;
  beforeAll(async () => {
    reason = await had().then(
      () => undefined,
      (error: unknown) => String(error),
    );
  }, INSTALLING);
  return ({ skip }) => skip(reason !== undefined, reason);
}

function expectSpeech(clip: Float32Array, seconds: { readonly atLeast: number; readonly atMost: number }): void {
  expect(clip.length / CLIP_RATE).toBeGreaterThan(seconds.atLeast);
  expect(clip.length / CLIP_RATE).toBeLessThan(seconds.atMost);
  expect(rootMeanSquare(clip)).toBeGreaterThan(0.005);
}

describe.skipIf(noEspeak.length > 0)(`espeak-ng${skipNote(noEspeak)}`, () => {
  test('says a word, slower where fewer words a minute are asked for', async () => {
    const voice = { accent: 'en-gb', variant: 'f2', pitch: 50, wordsPerMinute: 200 };
    const word = await synthesizeEspeak('seven', voice);
    expectSpeech(word, { atLeast: 0.2, atMost: 2 });
    expect((await synthesizeEspeak('seven', { ...voice, wordsPerMinute: 90 })).length).toBeGreaterThan(
      1.5 * word.length,
    );
  });

  test('has voice variants, and draws the same tasks for the same seed', async () => {
    expect(await espeakVariants()).toEqual(expect.arrayContaining(['f2', 'm3']));
    const tasks = async (): Promise<string[]> => {
      const [first, ...rest] = await espeakTasks(randomFor(4), () => 1);
      expect(rest.length).toBe(37);
      const [utterance] = (await first?.run()) ?? [];
      return [String(utterance?.labels), digest(Float32Array.from(utterance?.samples ?? []))];
    };
    expect(await tasks()).toEqual(await tasks());
  });
});

describe.skipIf(noFlite.length > 0)(`flite${skipNote(noFlite)}`, () => {
  test('says a word, slower where it is stretched', async () => {
    const word = await synthesizeFlite('seven', { name: 'slt', durationStretch: 1 });
    expectSpeech(word, { atLeast: 0.3, atMost: 2 });
    const slower = await synthesizeFlite('seven', { name: 'slt', durationStretch: 1.5 });
    expect(slower.length).toBeGreaterThan(1.2 * word.length);
  });

  test('is asked for all words by every voice', () => {
    const tasks = fliteTasks(randomFor(4), () => 1);
    expect(tasks.length).toBe(4 * (37 + 1));
  });
});

describe.skipIf(noFestival.length > 0)(`festival${skipNote(noFestival)}`, () => {
  beforeEach(skipUnless(() => requireFestivalVoices(['cmu_us_slt_arctic_hts'])));

  test('says several texts in one process; a statistical voice is stretched too', async () => {
    const jobs = [1, 1.5].map((durationStretch) => ({ text: 'seven', durationStretch }));
    const [word, slower] = await synthesizeFestival(jobs, 'cmu_us_slt_arctic_hts');
    expectSpeech(word!, { atLeast: 0.3, atMost: 3 });
    expect(slower?.length).toBeGreaterThan(1.2 * (word?.length ?? 0));
  });
});

describe('pico', () => {
  beforeEach(skipUnless(() => installPico(PICO)));

  test('says texts in British English, slower and higher where asked to, always the same', async () => {
    const jobs = [
      { text: 'seven', rate: 100, pitch: 100 },
      { text: 'seven', rate: 50, pitch: 100 },
      { text: 'seven', rate: 100, pitch: 140 },
    ];
    const clips = await synthesizePico(jobs, 'en-GB', PICO);
    const [word, slower, higher] = clips as [Float32Array, Float32Array, Float32Array];
    expectSpeech(word, { atLeast: 0.3, atMost: 3 });
    expect(slower.length).toBeGreaterThan(1.4 * word.length);
    expect(digest(higher)).not.toBe(digest(word));
    expect((await synthesizePico(jobs, 'en-GB', PICO)).map(digest)).toEqual(clips.map(digest));
  });
});

describe('neural voices', () => {
  beforeEach(skipUnless(() => installNeuralVoices(NEURAL)));

  const phonemes = { joe: 'sˈɛvən.', kokoro: 'sˈɛvən, sˈɛvən.' };

  test.each(['joe', 'kokoro'] as const)('%s speaks, slower where asked to, always the same', async (engine) => {
    const job: NeuralJob = { phonemes: phonemes[engine], speed: 1, blend: { jf_alpha: 0.5, jm_kumo: 0.5 } };
    const clips = await synthesizeNeural(engine, [job, { ...job, speed: 0.6 }], NEURAL);
    const [word, slower] = clips as [Float32Array, Float32Array];
    expectSpeech(word, { atLeast: 0.3, atMost: 4 });
    expect(slower.length).toBeGreaterThan(1.2 * word.length);
    const again = await synthesizeNeural(engine, [job, { ...job, speed: 0.6 }], NEURAL);
    expect(again.map(digest)).toEqual(clips.map(digest));
  });

  test('refuses a word that it does not know how to pronounce', () => {
    expect(() => phonemesOf('ten', 'british')).toThrow("got 'ten'");
  });

  /** So many of the words that no symbol of the others is missing: an engine refuses a word for its symbols alone. */
  function everySymbolOf(words: readonly string[]): string[] {
    const seen = new Set<string>();
    return words.filter((word) => {
      const before = seen.size;
      for (const symbol of word) seen.add(symbol);
      return seen.size > before;
    });
  }

  test('can pronounce every word in both accents', async () => {
    const accents = ['american', 'british'] as const;
    const job = (words: string): NeuralJob => ({ phonemes: words, speed: 1.2, blend: { jm_kumo: 1 } });
    const all = (pronounce: typeof phonemesOf): NeuralJob[] =>
      accents.map((accent) => job(everySymbolOf(CODE_WORDS.map((word) => pronounce(word, accent))).join(', ')));
    for (const clip of await synthesizeNeural('joe', all(phonemesOf), NEURAL)) {
      expectSpeech(clip, { atLeast: 2, atMost: 60 });
    }
    for (const clip of await synthesizeNeural('kokoro', all(kokoroPhonemesOf), NEURAL)) {
      expectSpeech(clip, { atLeast: 2, atMost: 60 });
    }
  });
});

describe('punctuate', () => {
  test('keeps the words and their order, whatever it puts between them', () => {
    const random = randomFor(8);
    const spoken = Array.from({ length: 50 }, () => punctuate(random, ['one', 'bee', 'two']));
    expect(new Set(spoken.map((text) => text.replaceAll(/[,.?]/g, '')))).toEqual(new Set(['one bee two']));
    expect(new Set(spoken).size).toBeGreaterThan(5);
  });
});
