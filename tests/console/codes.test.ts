import { describe, expect, test } from 'vitest';

import type { EventMessage, WordMessage } from '../../client/index.ts';
import { CODE_EXAMPLES, exampleOf, grammarOf, NO_CODE } from '../../console/codes/code-choice.ts';
import { maskedMessage } from '../../console/codes/masked-message.ts';
import { type ConsoleState, INITIAL_STATE, reduce } from '../../console/console-state.ts';
import { writtenAutomaton } from '../../src/grammar/pattern.ts';
import { satisfiesCheck } from '../../src/grammar/check-digits.ts';

const WORDS: readonly WordMessage[] = ['four', 'seven'].map((word, index) => ({
  word,
  start: index,
  end: index + 0.5,
  confidence: 0.9,
}));
const ALTERNATIVES = ['4747 4747', '4747 4749'].map((written, index) => ({
  written,
  text: 'four seven',
  complete: true,
  valid: true,
  logProbability: -index,
  posterior: 0.6 - 0.3 * index,
}));
const partial: EventMessage = { type: 'partial', text: 'four seven', words: WORDS, written: '47', complete: false };
const final: EventMessage = {
  type: 'final',
  offset: 0,
  text: 'four seven',
  words: WORDS,
  start: 0,
  end: 2,
  written: '4747 4747',
  complete: true,
  valid: false,
  alternatives: ALTERNATIVES,
};
const after = (...events: readonly EventMessage[]): ConsoleState =>
  events.reduce((state, event) => reduce(state, { type: 'event', event, spokenSeconds: undefined }), INITIAL_STATE);

describe('codes on the page', () => {
  test('grow with the utterance under way, and are settled with what else they may be', () => {
    expect(after(partial).partialCode).toEqual({ written: '47', complete: false });
    const { partialCode, utterances } = after(partial, final);
    expect(partialCode).toBeUndefined();
    expect(utterances).toMatchObject([
      { code: { written: '4747 4747', complete: true, valid: false, alternatives: ALTERNATIVES } },
    ]);
  });

  test('are none where nothing is written yet, and where words are heard', () => {
    expect(after({ ...partial, written: '' }).partialCode).toBeUndefined();
    const words: EventMessage = { type: 'final', offset: 0, text: 'four seven', words: WORDS, start: 0, end: 2 };
    const state = after({ type: 'partial', text: 'four', words: WORDS }, words);
    expect(state.partialCode).toBeUndefined();
    expect(state.utterances[0]).not.toHaveProperty('code');
  });

  test('that are masked leave nothing of them in what the page keeps but their ends', () => {
    const kept = JSON.stringify(after(maskedMessage(partial), maskedMessage(final)));
    expect(kept).toContain('**** 4747');
    expect(kept).not.toMatch(/four|seven|4747 47/);
    const attention: EventMessage = {
      type: 'attention',
      offset: 1,
      edges: [0, 1],
      words: WORDS.map((word) => ({ ...word, memory: [1] })),
    };
    expect(JSON.stringify(maskedMessage(attention))).not.toMatch(/four|seven/);
    const endpoint: EventMessage = { type: 'endpoint', offset: 2, time: 1, reason: 'silence' };
    expect(maskedMessage(endpoint)).toBe(endpoint);
  });
});

describe('the menu of codes', () => {
  test.each([
    ['Phone number', '5551980746'],
    ['Card', '5500005555555559'],
    ['IBAN', 'GB82WEST12345698765432'],
    ['Licence plate', 'AB12CDE'],
    ['Order number', 'K7B2M9'],
  ])('has one of %s, which %s is', (name, code) => {
    const { pattern, check } = CODE_EXAMPLES[name]!;
    const automaton = writtenAutomaton(pattern);
    let state: number | undefined = 0;
    for (const symbol of code) state = state === undefined ? state : automaton.next(state, symbol.charCodeAt(0));
    expect(state !== undefined && automaton.isFinal(state)).toBe(true);
    expect(check === '' || satisfiesCheck(check, code)).toBe(true);
  });

  test('tells which example is chosen, and none of a pattern of its own', () => {
    const card = { ...NO_CODE, ...CODE_EXAMPLES['Card']! };
    expect(exampleOf(card)).toBe('Card');
    expect(exampleOf({ ...card, check: '' })).toBeUndefined();
    expect(exampleOf(NO_CODE)).toBeUndefined();
  });

  test('makes a form of a pattern, and leaves the grammar where there is none', () => {
    expect(grammarOf('digits', NO_CODE)).toBe('digits');
    expect(grammarOf('digits', { ...NO_CODE, pattern: '\\d' })).toEqual({ pattern: '\\d' });
    expect(grammarOf('digits', { ...NO_CODE, pattern: '\\d', check: 'luhn' })).toEqual({
      pattern: '\\d',
      check: 'luhn',
    });
  });
});
