import { expect, test } from 'vitest';

import { pcmOf } from '../recordings.ts';
import { startTestServer } from '../test-server.ts';
import { COMPLETED, connectRealtime, DELTA, sessionUpdate } from './realtime-client.ts';

test('a server that goes away settles the turn under way and closes 1012', async () => {
  const server = await startTestServer();
  const client = await connectRealtime(`ws://127.0.0.1:${server.port}/v1/realtime`);
  client.say(sessionUpdate({ transcription: { grammar: 'digits' } }));
  client.append((await pcmOf('phone-number', 24_000)).subarray(0, 3 * 48_000));
  await client.until(DELTA);
  const [told] = await Promise.all([client.until(COMPLETED), server.drain(20_000)]);
  expect(told.at(-1)?.transcript).toMatch(/^five five/);
  expect(await client.closed).toEqual({ code: 1012, reason: 'the server restarts' });
  expect(server.logged.some((line) => line.includes('"cutOff":0'))).toBe(true);
});
