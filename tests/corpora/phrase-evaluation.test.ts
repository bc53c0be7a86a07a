import { describe, expect, test } from 'vitest';

import { CLEAN } from '../../corpora/evaluation.ts';
import { testItem } from '../../corpora/evaluation-sets.ts';
import { type PhraseSet, readPhraseSets } from '../../corpora/open-words.ts';
import { evaluatePhrases, type PhraseHearer } from '../../corpora/phrase-evaluation.ts';
import { packagesOf } from '../../corpora/human-speech.ts';
import { missingPackages } from '../../corpora/packages.ts';
import { recognizePhrases } from '../../corpora/pocketsphinx-phrases.ts';
import { missingPrograms, skipNote } from '../installed.ts';
import { burst } from './sound.ts';

const PACKAGES = '.data/packages';

const ALONE: PhraseSet = {
  name: 'alone',
  candidates: ['kettle', 'light on'],
  items: ['kettle', 'light on'].map((text, index) => testItem('isolated', 'Ann', [text], [burst(index, 0.3)])),
};
const ROW: PhraseSet = {
  name: 'row',
  candidates: ['kettle', 'light on'],
  items: [testItem('connected', 'Bob', ['kettle', 'light on'], [burst(3, 0.6)])],
};

/** Answers in turn, and remembers what might have been said. */
function answering(answers: readonly string[]): PhraseHearer & { readonly asked: unknown[] } {
  const asked: unknown[] = [];
  const left = [...answers];
  return {
    asked,
    recognize: async (_, { grammar }) => {
      asked.push({ phrases: grammar.phrases, cost: grammar.phraseCost, words: Object.keys(grammar.lexicon) });
      return { text: left.shift() ?? '' };
    },
  };
}

const asking = { condition: CLEAN, noise: '/nowhere', packages: '/nowhere', peer: false } as const;

test('a phrase by itself is right or wrong as a whole, words in a row are counted, and who said what is told', async () => {
  const model = answering(['kettle', 'light off', 'kettle light']);
  const [alone, row] = await evaluatePhrases({ ...asking, model, sets: [ALONE, ROW] });
  expect(alone).toMatchObject({ set: 'alone', candidates: 2, isolated: { errors: 1, total: 2 } });
  expect(alone?.wrong).toEqual([{ said: 'light on', heard: 'light off' }]);
  expect(row).toMatchObject({ connected: { errors: 1, total: 3, deletions: 1 }, speakers: { Bob: {} } });
});

test('a closed set is asked for one of its phrases, a row for any number at the cost that is told', async () => {
  const model = answering([]);
  await evaluatePhrases({ ...asking, model, sets: [ALONE, ROW], phraseCost: 7 });
  const words = ['kettle', 'light', 'on'];
  const phrases = ['kettle', 'light on'];
  expect(model.asked).toEqual([
    { phrases, words, cost: 1000 },
    { phrases, words, cost: 1000 },
    { phrases, words, cost: 7 },
  ]);
});

test('a peer that cannot run says what it lacks', async () => {
  const peer = await recognizePhrases(ALONE.items, { candidates: ALONE.candidates, packages: '/nowhere' });
  expect(peer).toMatchObject({ name: 'pocketsphinx en-us', skipped: expect.stringContaining('npm run data:speech') });
});

const missing = [
  ...(await missingPackages(PACKAGES, [...packagesOf('test'), 'ktuberling-data', 'pocketsphinx-en-us'])),
  ...missingPrograms('ffmpeg', 'pocketsphinx_batch'),
];

describe.skipIf(missing.length > 0)(`people's words${skipNote(missing)}`, () => {
  test('are sets of candidates, each of which somebody says', async () => {
    const sets = await readPhraseSets(PACKAGES);
    expect(sets.map(({ name, candidates, items }) => [name, candidates.length, items.length])).toEqual([
      ['digits', 11, 58],
      ['letters', 26, 164],
      ['numbers', 32, 32],
      ['days and months', 19, 19],
      ['alphabet', 26, 26],
      ['objects', 71, 71],
      ['phrases', 206, 206],
      ['alphabet in a row', 26, 40],
      ['objects in a row', 71, 40],
    ]);
    for (const { candidates, items } of sets) {
      expect(items.flatMap(({ labels }) => labels).filter((label) => !candidates.includes(label))).toEqual([]);
    }
  });

  test('are heard by pocketsphinx, phrases with words that its dictionary lacks too', async () => {
    const sets = await readPhraseSets(PACKAGES);
    const { items } = sets.find(({ name }) => name === 'days and months')!;
    const candidates = [...new Set(items.flatMap(({ labels }) => labels)), 'glorbing kettle'];
    const peer = await recognizePhrases(items, { candidates, packages: PACKAGES });
    expect(peer).toMatchObject({ isolated: { total: 19 } });
    expect('isolated' in peer ? peer.isolated?.errors : undefined).toBeLessThan(4);
  });
});
