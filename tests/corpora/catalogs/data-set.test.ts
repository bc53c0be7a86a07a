import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import fc from 'fast-check';
import { describe, expect, test } from 'vitest';

import { type Catalog, makeDataSet, readPart, writeDataSet } from '../../../corpora/catalogs/data-set.ts';
import { isGerman } from '../../../corpora/catalogs/fetch.ts';
import { nearDuplicates } from '../../../corpora/catalogs/near-duplicates.ts';
import { CATALOG_PACKAGES, roleOf } from '../../../corpora/catalogs/packages.ts';

const SEEN = 'The server closed the connection before the transfer of the file was finished.';

describe('a near-duplicate', () => {
  test.each([
    ['the same', SEEN],
    [
      'in capitals, with other marks',
      'THE SERVER CLOSED THE CONNECTION (BEFORE THE TRANSFER OF THE FILE WAS FINISHED)!',
    ],
    ['with another word', 'The server closed the connection before the transfer of the folder was finished.'],
    ['with a word more', 'The server has closed the connection before the transfer of the file was finished.'],
    ['a part of it', 'The server closed the connection before the transfer'],
    ['with other numbers', 'The server {2} closed the connection {1} before the transfer of the file 17 was finished.'],
  ])('is found: %s', (_, text) => {
    expect([...nearDuplicates([text], ['Something else.', SEEN], { share: 0.6 })]).toEqual([0]);
  });

  test.each([
    ['about the same, in other words', 'The transfer ended early since the connection was lost by the server.'],
    ['that only begins alike', 'The server closed the door and went home to have a long and quiet evening.'],
    [
      'that holds it and as much again',
      `${SEEN} You can try again later, or choose another mirror from the list of known ones.`,
    ],
  ])('is not a text %s', (_, text) => {
    expect([...nearDuplicates([text], [SEEN], { share: 0.6 })]).toEqual([]);
  });

  test('is found by the index wherever comparing all finds it', () => {
    const text = fc.array(fc.constantFrom('file', 'files', 'open', 'opened', 'the', 'window', 'not'), { maxLength: 7 });
    const texts = fc.array(
      text.map((words) => words.join(' ')),
      { maxLength: 6 },
    );
    fc.assert(
      fc.property(texts, texts, fc.constantFrom(0.3, 0.6, 1), (own, others, share) => {
        const groups = (words: string) => {
          const padded = ` ${words} `;
          const starts = Array.from({ length: Math.max(1, padded.length - 4) }, (_, at) => at);
          return new Set(starts.map((at) => padded.slice(at, at + 5)));
        };
        const expected = own.flatMap((one, index) => {
          const mine = groups(one);
          const isNear = others.some((other) => {
            const theirs = groups(other);
            return [...mine].filter((group) => theirs.has(group)).length >= share * mine.size - 1e-9;
          });
          return isNear ? [index] : [];
        });
        expect([...nearDuplicates(own, others, { share })].toSorted((a, b) => a - b)).toEqual(expected);
      }),
    );
  });
});

function catalog(role: Catalog['role'], pairs: readonly [string, string][]): Catalog {
  return { name: role, role, messages: pairs.map(([source, target]) => ({ sources: [source], targets: [target] })) };
}

const CATALOGS = [
  catalog('train', [
    [SEEN, 'Der Server hat die Verbindung getrennt, bevor die Datei übertragen war.'],
    ['Show the other window', 'Das andere Fenster anzeigen'],
    ['Show the other window', 'Das andere Fenster anzeigen'],
    ['Choose what should happen', 'Choose what should happen now'],
  ]),
  catalog('test', [
    [
      'The server closed the connection before the transfer of the folder was finished.',
      'Die Leitung war unterbrochen, ehe der Ordner ganz da war.',
    ],
    [
      'Whoever reads all of this may go on with the next one',
      'Der Server hat die Verbindung getrennt, bevor die Dateien übertragen waren.',
    ],
    ['A tree stands in the garden', 'Im Garten steht ein Baum'],
    ['Two words', 'Zwei Wörter'],
  ]),
  catalog('dev', [
    ['A tree stands in the gardens', 'In den Gärten steht ein Baum'],
    ['Birds sing in the early morning', 'Früh am Morgen singen Vögel'],
  ]),
];

describe('a data set', () => {
  const made = makeDataSet(CATALOGS);

  test('holds out nothing that was nearly seen, on either side', () => {
    expect(made.test.map(({ source }) => source)).toEqual(['A tree stands in the garden']);
    expect(made.report.test).toEqual({ candidates: 3, nearDuplicates: 2, pairs: 1 });
  });

  test('has nothing to choose by that is nearly what is reported by', () => {
    expect(made.dev.map(({ source }) => source)).toEqual(['Birds sing in the early morning']);
    expect(made.report.dev).toEqual({ candidates: 2, nearDuplicates: 1, pairs: 1 });
  });

  test('holds each pair of training once, and only translations', () => {
    expect(made.train.map(({ source }) => source)).toEqual([SEEN, 'Show the other window']);
    expect(made.report).toMatchObject({ messages: 10, leftOut: { language: 1 }, train: 2, trainWords: 17 });
  });

  test('is the same each time', () => {
    expect(makeDataSet(CATALOGS)).toEqual(made);
  });

  test('is read as it was written', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'hearken-data-set-'));
    try {
      await writeDataSet(folder, made, {});
      expect(await readPart(folder, 'train')).toEqual(made.train);
      expect(await readPart(folder, 'test')).toEqual(made.test);
      await expect(readPart(join(folder, 'none'), 'dev')).rejects.toThrow('run `npm run data:catalogs`');
    } finally {
      await rm(folder, { recursive: true });
    }
  });
});

test('no package is held out twice, and each that is held out is fetched', () => {
  const roles = Object.keys(CATALOG_PACKAGES).map(roleOf);
  expect([roles.filter((role) => role === 'test').length, roles.filter((role) => role === 'dev').length]).toEqual([
    9, 9,
  ]);
});

test('German catalogues are told from others by their place', () => {
  const german = ['usr/share/locale/de/LC_MESSAGES/wget.mo', 'usr/share/a/de.mo', 'usr/share/a/app_de.mo'];
  const others = [
    'usr/share/locale/es/LC_MESSAGES/wget.mo',
    'usr/share/mode.mo',
    'usr/share/locale/de/LC_MESSAGES/a.qm',
  ];
  expect([...german, ...others].filter(isGerman)).toEqual(german);
});
