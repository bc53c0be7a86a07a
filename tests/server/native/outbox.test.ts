import { describe, expect, test } from 'vitest';

import type { ServerMessage } from '../../../client/protocol.ts';
import { createOutbox } from '../../../server/native/outbox.ts';

const partial = (text: string): ServerMessage => ({ type: 'partial', text, words: [] });
const ack = (samples: number): ServerMessage => ({ type: 'ack', samples });

describe('the outbox', () => {
  test('sends everything in order but partials that something has replaced, which it counts', async () => {
    const sent: unknown[] = [];
    let coalesced = 0;
    let release: () => void = () => undefined;
    const limiter = new Promise<void>((resolve) => {
      release = resolve;
    });
    const outbox = createOutbox(
      async (text) => {
        await limiter;
        sent.push(JSON.parse(text));
      },
      () => coalesced++,
    );
    const first = partial('one');
    for (const message of [first, partial('one two'), partial('one two three'), ack(1), ack(2), partial('four')]) {
      outbox.put(message);
    }
    release();
    await outbox.drained();
    expect(sent).toEqual([first, ack(1), ack(2), partial('four')]);
    expect(coalesced).toBe(2);
  });

  test('makes its writer wait while the client does not read, and lets it go on as soon as the client does', async () => {
    const releases: (() => void)[] = [];
    const outbox = createOutbox(
      () => new Promise((resolve) => releases.push(resolve)),
      () => undefined,
    );
    for (let index = 0; index < 65; index++) outbox.put(ack(index));
    let hasRoom = false;
    const room = outbox.room().finally(() => {
      hasRoom = true;
    });
    await new Promise((resolve) => setImmediate(resolve));
    expect(hasRoom).toBe(false);
    releases.shift()?.();
    await room;
    expect(hasRoom).toBe(true);
  });
});
