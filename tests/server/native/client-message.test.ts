import fc from 'fast-check';
import { describe, expect, test } from 'vitest';

import { asOpening, parseClientMessage } from '../../../server/native/client-message.ts';
import { HearkenError } from '../../../src/errors.ts';

const start = { type: 'start', encoding: 's16le', sampleRate: 16_000 };

describe('parseClientMessage', () => {
  test('takes what the protocol knows', () => {
    const messages = [
      start,
      { ...start, model: 'codes-en', grammar: ['one', 'two'] },
      { ...start, grammar: { pattern: '\\d{4}', check: 'luhn', alternatives: 3 } },
      { ...start, grammar: { boosts: ['one', { phrase: 'one two', boost: 3, label: '12' }], among: 'digits' } },
      { ...start, grammar: { phrases: [{ phrase: 'one', threshold: 0.5 }] } },
      { type: 'resume', session: 's', epoch: 'e', lastEventOffset: -1, firstSample: 0 },
      { type: 'Finalize' },
      { type: 'CloseStream' },
      { type: 'KeepAlive' },
    ];
    expect(messages.map((message) => parseClientMessage(JSON.stringify(message)))).toEqual(messages);
  });

  test.each([
    ['no JSON', '{"type":', 'protocol/bad-json'],
    ['no object', '[]', 'protocol/bad-message'],
    ['null', 'null', 'protocol/bad-message'],
    ['an unknown type', '{"type":"Reset"}', 'protocol/bad-message'],
    ['a rate out of range', JSON.stringify({ ...start, sampleRate: 0 }), 'protocol/bad-message'],
    ['a fraction of a rate', JSON.stringify({ ...start, sampleRate: 8000.5 }), 'protocol/bad-message'],
    ['an unknown encoding', JSON.stringify({ ...start, encoding: 'opus' }), 'protocol/bad-message'],
    [
      'a form with a function',
      JSON.stringify({ ...start, grammar: { pattern: '1', isValid: true } }),
      'protocol/bad-message',
    ],
    ['a form of no kind', JSON.stringify({ ...start, grammar: { check: 'luhn' } }), 'protocol/bad-message'],
    ['a field that means nothing', JSON.stringify({ ...start, gramar: 'digits' }), 'protocol/bad-message'],
    [
      'an offset before the first',
      '{"type":"resume","session":"s","epoch":"e","lastEventOffset":-2,"firstSample":0}',
      'protocol/bad-message',
    ],
  ])('refuses %s', (_, text, code) => {
    expect(() => parseClientMessage(text)).toThrow(expect.objectContaining({ code }));
  });

  test('names the field that is wrong', () => {
    expect(() => parseClientMessage(JSON.stringify({ ...start, sampleRate: 'fast' }))).toThrow(/`sampleRate`/);
    expect(() => parseClientMessage(JSON.stringify({ ...start, gramar: 'digits' }))).toThrow(/no field `gramar`/);
    expect(() => parseClientMessage('{"type":"Reset"}')).toThrow(
      /one of start, resume, Finalize, CloseStream, KeepAlive/,
    );
    expect(() => parseClientMessage('[]')).toThrow(/Expected a message, got: /);
  });

  test('refuses anything else with an error of its own, never with another', () => {
    fc.assert(
      fc.property(
        fc.oneof(
          fc.string(),
          fc.json(),
          fc.json().map((json) => `{"type":"start","x":${json}}`),
        ),
        (text) => {
          let refusal: unknown;
          try {
            parseClientMessage(text);
          } catch (error) {
            refusal = error;
          }
          return refusal === undefined || refusal instanceof HearkenError;
        },
      ),
      { numRuns: 1_000 },
    );
  });

  test('lets a connection begin with start or resume only', () => {
    expect(() => asOpening({ type: 'KeepAlive' })).toThrow(expect.objectContaining({ code: 'protocol/bad-message' }));
    expect(asOpening(parseClientMessage(JSON.stringify(start)))).toEqual(start);
  });
});
