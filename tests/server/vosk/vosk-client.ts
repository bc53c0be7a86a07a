/** What clients of vosk-server do. */
import { expect } from 'vitest';

import { cutBytes, pcmOf } from '../recordings.ts';
import type { SocketClient } from '../socket-client.ts';

/** 0.1 s at 16 kHz. */
export const SILENCE: Buffer = Buffer.alloc(3200);
export const EMPTY_PARTIAL = '{\n  "partial" : ""\n}';

/** Ends the stream; what is left unread must be this one reply. */
export async function finish(client: SocketClient): Promise<string> {
  client.send('{"eof" : 1}');
  const reply = await client.reply();
  expect(await client.closed).toEqual({ code: 1000, reason: '' });
  expect(client.unread()).toBe(0);
  return reply;
}

export type Result = { text?: string; partial?: string; result?: { word: string; start: number; end: number }[] };

/** Sends what the published Python client does: configuration, 0.2 s a frame, each after the reply to the last. */
export async function recite(client: SocketClient, name: string, config: object = {}): Promise<Result[]> {
  client.send(JSON.stringify({ config: { sample_rate: 16_000, ...config } }));
  const replies: Result[] = [];
  for (const frame of cutBytes(await pcmOf(name, 16_000), 6400)) {
    client.send(frame);
    replies.push(JSON.parse(await client.reply()));
  }
  replies.push(JSON.parse(await finish(client)));
  return replies;
}

/** The words of all results. */
export function textIn(replies: readonly Result[]): string {
  return replies
    .map(({ text = '' }) => text)
    .filter((text) => text !== '')
    .join(' ');
}
