import { expect, test } from 'vitest';

import type { HumanClip } from '../../corpora/human-speech.ts';
import { CODE_FORM_NAMES, CODE_FORMS, drawnCodes, overTelephone, spokenCodes } from '../../corpora/spoken-codes.ts';
import { burst } from './sound.ts';

/** Luhn's sum, and the remainder of ISO 7064, in the words of their definitions. */
function isValid(scheme: 'luhn' | 'mod97', written: string): boolean {
  if (scheme === 'luhn') {
    const doubled = Array.from(written, Number).map((digit, index) =>
      index % 2 === written.length % 2 ? 2 * digit : digit,
    );
    return doubled.reduce((sum, value) => sum + (value > 9 ? value - 9 : value), 0) % 10 === 0;
  }
  const moved = written.slice(4) + written.slice(0, 4);
  return BigInt(Array.from(moved, (symbol) => Number.parseInt(symbol, 36)).join('')) % 97n === 1n;
}

function clipsOf(speaker: string, labels: string): HumanClip[] {
  return Array.from(labels, (label, index) => ({
    speaker,
    kind: '0123456789'.includes(label) ? 'digit' : 'letter',
    label,
    samples: burst(index, 0.2 + 0.005 * index),
  }));
}

const DIGITS = '0123456789';
const CLIPS = [...clipsOf('Ann', `${DIGITS}abcdefghijklmnopqrstuvwxyz`), ...clipsOf('Bob', DIGITS)];

test.each(CODE_FORM_NAMES)(
  '%s: every code is what its pattern says, its check digits are right, and its labels spell it',
  (form) => {
    const codes = spokenCodes(CLIPS, form, 30);
    const { pattern, check } = CODE_FORMS[form];
    for (const { written, labels } of codes) {
      expect(written).toMatch(new RegExp(`^${pattern}$`, 'u'));
      expect(check === undefined || isValid(check as 'luhn' | 'mod97', written)).toBe(true);
      expect(labels.join('').toUpperCase()).toBe(written);
    }
    expect(new Set(codes.map(({ written }) => written)).size).toBe(30);
  },
);

test('codes with letters are of speakers who say all letters, codes of digits of all', () => {
  const speakersOf = (form: 'phone' | 'six'): string[] => [
    ...new Set(spokenCodes(CLIPS, form, 2).map(({ speaker }) => speaker)),
  ];
  expect(speakersOf('phone')).toEqual(['Ann', 'Bob']);
  expect(speakersOf('six')).toEqual(['Ann']);
});

test('two speakers say the same codes', () => {
  const codes = spokenCodes(CLIPS, 'card', 3);
  expect(codes.slice(0, 3).map(({ written }) => written)).toEqual(codes.slice(3).map(({ written }) => written));
});

test('codes in groups are the same codes with pauses of the length asked for between three to five symbols', () => {
  const usual = spokenCodes(CLIPS, 'card', 5);
  const apart = spokenCodes(CLIPS, 'card', 5, { shortest: 1, longest: 2 });
  expect(apart.map(({ written }) => written)).toEqual(usual.map(({ written }) => written));
  for (const [index, { samples }] of apart.entries()) {
    const added = (samples.length - usual[index]!.samples.length) / 16_000;
    expect(added).toBeGreaterThan(3 * 0.7); // 16 symbols are four to six groups
    expect(added).toBeLessThan(5 * 2);
  }
});

test('a list of valid codes has no code twice, and is the same each time', () => {
  const codes = drawnCodes('six', 500);
  expect(new Set(codes).size).toBe(500);
  expect(drawnCodes('six', 500)).toEqual(codes);
});

test('a telephone loses a packet in fifty and leaves the length of a code as it is', () => {
  const codes = spokenCodes(CLIPS, 'card', 20);
  const heard = overTelephone(codes);
  let [lost, packets] = [0, 0];
  for (const [index, { samples, written }] of heard.entries()) {
    expect(written).toBe(codes[index]!.written);
    expect(Math.abs(samples.length - codes[index]!.samples.length)).toBeLessThanOrEqual(2);
    for (let start = 0; start + 320 <= samples.length; start += 320) {
      const was = codes[index]!.samples.subarray(start + 80, start + 240).every((sample) => sample === 0);
      if (was) continue;
      packets++;
      if (samples.subarray(start, start + 320).every((sample) => sample === 0)) lost++;
    }
  }
  expect(lost / packets).toBeGreaterThan(0.005);
  expect(lost / packets).toBeLessThan(0.05);
});
