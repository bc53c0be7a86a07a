import { assert, json, property } from 'fast-check';
import { expect, test } from 'vitest';

import { parseServerMessage } from '../../client/server-message.ts';
import { StreamError } from '../../client/stream-error.ts';

/** What reading gives, or the code that it throws. */
function read(data: unknown): unknown {
  try {
    return parseServerMessage(data);
  } catch (error) {
    if (error instanceof StreamError) return error.code;
    throw error;
  }
}

test('whatever a server says is a message or a typed error', () => {
  assert(
    property(json(), (text) => {
      const message = read(text);
      expect(message).toEqual(message === 'client/bad-message' ? message : JSON.parse(text));
    }),
  );
});

test('a message that this client does not know is one', () => {
  expect(read('{"type":"newer","than":"this"}')).toEqual({ type: 'newer', than: 'this' });
});

test.each([
  new Uint8Array(2),
  '{"type":"started","session":"s"}',
  '{"type":"started","session":"s","epoch":"e","model":"en","aliveEverySeconds":-1}',
  '{"type":"resumed","recovered":true,"epoch":"e"}',
  '{"type":"resumed"}',
  '{"type":"final","offset":-1,"text":"","words":[]}',
  '{"type":"partial","text":"one","words":null}',
])('%s is none', (data) => {
  expect(read(data)).toBe('client/bad-message');
});
