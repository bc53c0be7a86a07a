import fc from 'fast-check';
import { describe, expect, test } from 'vitest';

import { limitClients } from '../../../server/access/client-limits.ts';
import { credentialOf } from '../../../server/access/credential.ts';
import { isAllowedOrigin } from '../../../server/access/origin.ts';
import { createTokenBucket } from '../../../server/access/token-bucket.ts';

/** A clock that stands until it is set forward. */
function clock(): { readonly now: () => number; readonly forward: (seconds: number) => void } {
  let ms = 0;
  return {
    now: () => ms,
    forward: (seconds) => {
      ms += 1_000 * seconds;
    },
  };
}

describe('a bucket of tokens', () => {
  test('gives a minute at once, and then so much a minute', () => {
    const { now, forward } = clock();
    const bucket = createTokenBucket(60, now);
    bucket.spend(60);
    expect(bucket.secondsUntil(1)).toBeCloseTo(1);
    forward(1);
    expect(bucket.secondsUntil(1)).toBeCloseTo(0);
    forward(3_600);
    expect(bucket.isFull()).toBe(true);
    bucket.spend(90);
    expect(bucket.secondsUntil(0)).toBeCloseTo(30);
  });

  test('never lets more through than a minute and what has been refilled', () => {
    const steps = fc.array(
      fc.record({ wait: fc.double({ min: 0, max: 100, noNaN: true }), amount: fc.integer({ min: 0, max: 20 }) }),
    );
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 1_000 }), steps, (perMinute, all) => {
        const { now, forward } = clock();
        const bucket = createTokenBucket(perMinute, now);
        let spent = 0;
        for (const { wait, amount } of all) {
          forward(wait);
          if (bucket.secondsUntil(amount) > 0) continue;
          bucket.spend(amount);
          spent += amount;
          expect(spent).toBeLessThanOrEqual(perMinute + (perMinute * now()) / 60_000 + 1e-6);
        }
      }),
    );
  });
});

describe('limits of a client', () => {
  test('count its connections at once, and nobody else is concerned', () => {
    const enter = limitClients({ streams: 2 });
    const [first] = [enter('a'), enter('a')];
    expect(() => enter('a')).toThrow(expect.objectContaining({ reason: 'streams', status: 429 }));
    enter('b');
    first?.leave();
    enter('a');
    expect(() => enter('a')).toThrow(expect.objectContaining({ headers: { 'retry-after': '5' } }));
  });

  test('count what it begins in a minute, and say when to come back', () => {
    const { now, forward } = clock();
    const enter = limitClients({ handshakesPerMinute: 2 }, now);
    enter('a').leave();
    enter('a').leave();
    expect(() => enter('a')).toThrow(
      expect.objectContaining({ reason: 'handshakes', status: 429, headers: { 'retry-after': '30' } }),
    );
    forward(30);
    enter('a').leave();
    expect(() => enter('a')).toThrow('at most 2 connections a minute');
  });

  test('count its audio over all connections: who owes too much is refused, or ended', async () => {
    const { now, forward } = clock();
    const enter = limitClients({ audioSecondsPerMinute: 60 }, now);
    const [one, two] = [enter('a'), enter('a')];
    one.audio.spend(60);
    await two.audio.room();
    two.audio.spend(11);
    await expect(one.audio.room()).rejects.toMatchObject({ code: 'limit/audio' });
    expect(() => enter('a')).toThrow(
      expect.objectContaining({ reason: 'audio', status: 429, headers: { 'retry-after': '11' } }),
    );
    await enter('b').audio.room();
    forward(11);
    await one.audio.room();
    enter('a');
  });

  test('are remembered of thousands who have left only while they owe something', () => {
    const { now, forward } = clock();
    const enter = limitClients({ handshakesPerMinute: 1 }, now);
    for (let index = 0; index < 3_000; index++) enter(`client ${index}`).leave();
    expect(() => enter('client 7')).toThrow('a minute');
    forward(60);
    enter('client 7').leave();
    expect(() => enter('client 7')).toThrow('a minute');
  });
});

test.each([
  [{}, true],
  [{ origin: 'http://localhost:8080', host: 'localhost:8080' }, true],
  [{ origin: 'https://hear.example', host: 'hear.example' }, true],
  [{ origin: 'https://HEAR.example', host: 'Hear.Example' }, true],
  [{ origin: 'https://app.example', host: 'hear.example' }, true],
  [{ origin: 'http://app.example', host: 'hear.example' }, false],
  [{ origin: 'https://app.example.evil.example', host: 'hear.example' }, false],
  [{ origin: 'http://localhost:3000', host: 'localhost:8080' }, false],
  [{ origin: 'null', host: 'hear.example' }, false],
  [{ origin: '', host: '' }, false],
  [{ origin: 'null' }, false],
])('a request with %j may come in: %s', (headers, isAllowed) => {
  expect(isAllowedOrigin(headers, ['https://app.example'])).toBe(isAllowed);
  expect(isAllowedOrigin(headers, ['*'])).toBe(true);
});

test.each([
  [{ authorization: 'Bearer abc' }, 'abc'],
  [{ authorization: 'bearer  abc ' }, 'abc'],
  [{ authorization: 'Basic abc' }, undefined],
  [{ authorization: 'Bearer a b' }, undefined],
  [{ 'sec-websocket-protocol': 'hearken.v1, hearken-api-key.abc' }, 'abc'],
  [{ 'sec-websocket-protocol': 'realtime,openai-insecure-api-key.abc,openai-beta.realtime-v1' }, 'abc'],
  [{ 'sec-websocket-protocol': 'hearken.v1' }, undefined],
  [{ authorization: 'Bearer abc', 'sec-websocket-protocol': 'hearken-api-key.def' }, 'abc'],
  [{}, undefined],
])('the credential of %j is %s', (headers, credential) => {
  expect(credentialOf(headers)).toBe(credential);
});
