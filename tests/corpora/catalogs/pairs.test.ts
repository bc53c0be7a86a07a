import fc from 'fast-check';
import { describe, expect, test } from 'vitest';

import { areTheirLanguages, learnLanguages } from '../../../corpora/catalogs/language.ts';
import { pairsOf } from '../../../corpora/catalogs/pairs.ts';
import {
  numberPlaceholders,
  numberPlaceholdersOfPair,
  restorePlaceholders,
} from '../../../corpora/catalogs/placeholders.ts';

/** What one message gives. */
function of(source: string, target: string): unknown[] {
  return pairsOf({ sources: [source], targets: [target] }).map((each) =>
    typeof each === 'string' ? each : [each.source, each.target],
  );
}

describe('a pair', () => {
  test.each([
    ['_Edit menu', 'Menü _Bearbeiten', 'Edit menu', 'Menü Bearbeiten'],
    ['Pr_eferences', 'Ein_stellungen', 'Preferences', 'Einstellungen'],
    ['E&xit now', 'Jetzt &beenden', 'Exit now', 'Jetzt beenden'],
    ['Set foo_bar to on', 'foo_bar einschalten', 'Set foo_bar to on', 'foo_bar einschalten'],
    ['About R&D of it', 'Über R&D davon', 'About R&D of it', 'Über R&D davon'],
    ['Drag & Drop it', 'Ziehen & Ablegen', 'Drag & Drop it', 'Ziehen & Ablegen'],
  ])('of %j and %j has no marks of keys', (source, target, from, to) => {
    expect(of(source, target)).toEqual([[from, to]]);
  });

  test('has no markup, but what a person reads between angle brackets', () => {
    expect(of('<b>Bold</b> &lt;text&gt; for <file>', '<b>Fetter</b> &lt;Text&gt; für <Datei>')).toEqual([
      ['Bold <text> for <file>', 'Fetter <Text> für <Datei>'],
    ]);
    expect(of('<p>First one.</p><p>Next one.</p>', '<p>Das erste.</p><p>Das nächste.</p>')).toEqual([
      ['First one.', 'Das erste.'],
      ['Next one.', 'Das nächste.'],
    ]);
  });

  test('is of a paragraph where both sides have equally many', () => {
    expect(of('One\nline.\n\nThe next.', 'Eine\nZeile.\n\nDie nächste.')).toEqual([
      ['One line.', 'Eine Zeile.'],
      ['The next.', 'Die nächste.'],
    ]);
    expect(of('One line.\n\nThe next.', 'Eine Zeile und die nächste.')).toEqual([
      ['One line. The next.', 'Eine Zeile und die nächste.'],
    ]);
  });

  test('is of what an option does', () => {
    expect(
      of(
        '  -a, --all   show all of it\n  -q          be quiet',
        '  -a, --all   alles zeigen\n  -q          still sein',
      ),
    ).toEqual([
      ['show all of it', 'alles zeigen'],
      ['be quiet', 'still sein'],
    ]);
  });

  test('is of each plural form', () => {
    const message = { sources: ['%d old file', '%d old files'], targets: ['%d alte Datei', '%d alte Dateien'] };
    expect(pairsOf(message)).toEqual([
      { source: '{1} old file', target: '{1} alte Datei' },
      { source: '{1} old files', target: '{1} alte Dateien' },
    ]);
    expect(pairsOf({ ...message, targets: ['eine', 'zwei', 'viele'] })).toEqual(['plural forms']);
  });

  test.each([
    ['Same here', 'same here', 'untranslated'],
    ['Nothing yet', '', 'untranslated'],
    ['Open %s now', 'Jetzt öffnen', 'placeholders'],
    ['--- 12:30 ab', '--- 12:30 cd', 'letters'],
    ['Короткий text', 'Kurzer Text', 'letters'],
    ['Yes', 'Das ist eine viel zu lange Übersetzung', 'ratio'],
    ['call doThis(now) there', 'dort doThis(now) rufen', 'code'],
    [`${'very '.repeat(60)}long`, 'sehr lang', 'length'],
  ])('of %j and %j is left out: %3$s', (source, target, reason) => {
    expect(of(source, target)).toEqual([reason]);
  });
});

describe('placeholders', () => {
  test.each([
    ['%s of %d', '%2$d von %1$s', '{1} of {2}', '{2} von {1}'],
    ['%1 in %2', '%2: %1', '{1} in {2}', '{2}: {1}'],
    ['%(name)s is {age:d}', '{age:d} ist %(name)s', '{1} is {2}', '{2} ist {1}'],
    ['at 100%% of %lu', 'bei 100%% von %lu', 'at 100% of {1}', 'bei 100% von {1}'],
    ['{} or ${path}', '{} oder ${path}', '{1} or {2}', '{1} oder {2}'],
    ['50% done with it', '50% sind fertig', '50% done with it', '50% sind fertig'],
  ])('of %j and %j are numbered by the source', (source, target, from, to) => {
    expect(numberPlaceholdersOfPair(source, target)).toEqual([from, to]);
  });

  test('come back as they were', () => {
    const piece = fc.constantFrom('%s', '%2$d', '%(name)s', '{}', '{name}', '%1', ' a ', ', ', '50 %');
    fc.assert(
      fc.property(fc.array(piece), (pieces) => {
        const { text, originals } = numberPlaceholders(pieces.join(' '));
        const restored = restorePlaceholders(text, originals);
        expect(numberPlaceholders(restored)).toEqual({ text, originals });
        expect(text).not.toMatch(/%s|%\d|\{\}|\{name\}/u);
      }),
    );
    expect(restorePlaceholders('{2} von {1}, {3}', ['%s', '%d'])).toBe('%d von %s, {3}');
  });
});

test('a pair that is in other languages is told from those that are not', () => {
  const pairs = [
    { source: 'The file could not be opened', target: 'Die Datei konnte nicht geöffnet werden' },
    { source: 'Show the other window', target: 'Das andere Fenster anzeigen' },
    { source: 'Choose what should happen with the files', target: 'Wählen Sie, was mit den Dateien geschehen soll' },
  ];
  const odds = learnLanguages(pairs);
  expect(areTheirLanguages({ source: 'Open the other file', target: 'Die andere Datei öffnen' }, odds)).toBe(true);
  expect(areTheirLanguages({ source: 'Open the other file', target: 'Show the other files' }, odds)).toBe(false);
  expect(areTheirLanguages({ source: 'Die andere Datei', target: 'Die andere Datei öffnen' }, odds)).toBe(false);
  expect(areTheirLanguages({ source: 'OK', target: 'Ja' }, odds)).toBe(true);
});
