import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { beforeAll, afterAll, describe, expect, test } from 'vitest';

import { randomFor } from '../../corpora/draw.ts';
import { PHONE_SET } from '../../corpora/pronunciations/phone-set.ts';
import { writeSoundBank } from '../../corpora/sound-bank.ts';
import { SPEECH_EN_CONFIG } from '../../models/speech-en/config.ts';
import { type DrawShard, openExamples, othersShare } from '../../models/speech-en/examples.ts';
import { joeAlphabet, kokoroAlphabet } from '../../models/speech-en/neural-voices.ts';
import { drawSaid } from '../../models/speech-en/said.ts';
import { keptSpeech, type Spoken } from '../../models/speech-en/spoken.ts';
import { labelOf, SPOKEN_WORDS } from '../../models/speech-en/words.ts';
import { parseModelConfig } from '../../src/model/config.ts';

const TEXTS = {
  sentences: ['what kind of strange ship is that, if I may ask you?', 'a frog'],
  common: ['ship', 'frog'],
  dictionary: ['abacus', 'monday'],
  isHeldOut: (text: string) => text === 'monday',
};

const SAID = ((random) => Array.from({ length: 3_000 }, () => drawSaid(random, TEXTS)))(randomFor(1));

describe('what is said', () => {
  test('is never a text that is held out', () => {
    expect(SAID.filter((said) => said.kind === 'text' && TEXTS.isHeldOut(said.text))).toEqual([]);
    expect(SAID.some((said) => said.kind === 'text' && said.text === 'abacus')).toBe(true);
  });

  test('is a code of every word that has a label, "for" never alone', () => {
    const codes = SAID.flatMap((said) => (said.kind === 'code' ? [said.words] : []));
    expect(new Set(codes.flat())).toEqual(new Set(SPOKEN_WORDS));
    expect(codes.filter((words) => words.length === 1 && words[0] === 'for')).toEqual([]);
  });
});

test('the configuration is valid, and has a label for every spoken word and a head of all phones', () => {
  const { vocabulary, heads } = parseModelConfig(SPEECH_EN_CONFIG);
  expect(SPOKEN_WORDS.map(labelOf).filter((label) => !vocabulary?.labels.includes(label))).toEqual([]);
  expect(heads.phones?.symbols).toEqual(PHONE_SET);
});

const sound = (seconds: number): Float32Array =>
  Float32Array.from({ length: 16_000 * seconds }, (_, at) => Math.sin(at / 9));

test('speech is kept where its phones are neither too few nor too many for its length', () => {
  const kept = (seconds: number, count: number): number => {
    const phones = Array.from({ length: count }, () => 'a');
    return keptSpeech({ voice: 'a', language: 'en', source: 'person', split: 'train', phones }, sound(seconds)).length;
  };
  expect([kept(1, 10), kept(2, 5), kept(1, 25), kept(8, 60), kept(1, 2), kept(1, 0)]).toEqual([1, 0, 0, 0, 1, 0]);
});

test('neural voices are given what is in their alphabets', () => {
  expect(joeAlphabet('(de)ˈiː(en)zˈiːɹoʊ1')).toBe('ˈiːzˈiːɹoʊ');
  expect(kokoroAlphabet('nˈaɪn dʒˈʌdʒ bˈɜːd lˈɛɾɚ hˈaʊs', 'en-us')).toBe('nˈIn ʤˈʌʤ bˈɜɹd lˈɛTəɹ hˈWs');
  expect(kokoroAlphabet('zˈiəɹəʊ bˈɜːd', 'en-gb')).toBe('zˈiəɹQ bˈɜːd');
});

test('other languages are heard in the middle of the run alone', () => {
  expect([0, 0.09, 0.1, 0.5, 0.84, 0.85, 1].map(othersShare)).toEqual([0, 0, 0.3, 0.3, 0.3, 0, 0]);
});

describe('examples', () => {
  let folder = '';
  let draw: DrawShard;
  const spoken = (about: Partial<Spoken>): Spoken => ({
    voice: 'v',
    language: 'en',
    source: 'recordings',
    split: 'train',
    phones: ['t', 'u'],
    samples: Int16Array.from(sound(0.5), (sample) => 9_000 * sample),
    ...about,
  });
  async function* english(): AsyncGenerator<Spoken> {
    yield spoken({ labels: ['2'] });
    yield spoken({ source: 'formants', voice: 'w' });
    yield spoken({ split: 'dev', phones: ['x'] });
  }
  async function* others(): AsyncGenerator<Spoken> {
    yield spoken({ voice: 'c', language: 'cs', source: 'person', phones: ['r', 'ʒ'] });
  }
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'hearken-speech-en-'));
    await writeSoundBank(join(folder, 'english'), english());
    await writeSoundBank(join(folder, 'others'), others());
    await mkdir(join(folder, 'noise/train'), { recursive: true });
    for (const kind of ['music', 'babble']) {
      const recording = Int16Array.from(sound(30), (sample) => 3_000 * sample);
      await writeFile(join(folder, 'noise/train', `${kind}-0.pcm`), new Uint8Array(recording.buffer));
    }
    const folders = { english: join(folder, 'english'), others: join(folder, 'others'), noise: join(folder, 'noise') };
    draw = await openExamples({ ...folders, seed: 1, split: 'train' });
  });
  afterAll(() => rm(folder, { recursive: true }));

  test('have phones, and labels where all that is said in them is codes; voices held out are not heard', () => {
    for (const { labels, phones = [], preceding } of draw(0, 60, 0.4).map((each) => ({
      preceding: undefined,
      ...each,
    }))) {
      expect(['t', 'ʒ', 'u', 'r'].includes(phones[0]!)).toBe(true);
      expect(phones).not.toContain('x');
      if (labels === undefined) continue;
      const words = [...(preceding?.labels ?? []), ...labels];
      expect(words).toEqual(words.map(() => '2'));
      expect(phones).toEqual(words.flatMap(() => ['t', 'u']));
    }
  });

  test('are the same for the same shard, and of other languages as often as asked for', () => {
    expect(draw(3, 4, 0.3)).toEqual(draw(3, 4, 0.3));
    const foreign = (share: number): number =>
      draw(1, 100, share).filter(({ phones = [] }) => phones.includes('ʒ')).length;
    expect(foreign(0)).toBe(0);
    expect(foreign(1)).toBe(100);
  });
});
