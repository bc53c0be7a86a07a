import { afterEach, expect, test, vi } from 'vitest';

import type { ConnectionState } from '../../client/index.ts';
import { startProxy } from './native/cutting-proxy.ts';
import { moveClock } from './native/moved-clock.ts';
import { listenTo, rounded } from './native/native-client.ts';
import { pcmOf } from './recordings.ts';
import { scraped } from './scraped.ts';
import { startTestServer } from './test-server.ts';

const HOUR_MS = 3_600_000;

const now = Date.now;
afterEach(() => void vi.restoreAllMocks());

/** Sets the clock of client and server, which are one process here, to so much after the right time. */
function setClock(ms: number): void {
  vi.spyOn(Date, 'now').mockImplementation(() => now() + ms);
}

test.each([
  ['forward', HOUR_MS],
  ['back', -HOUR_MS],
])(
  'a stream hears the same in one connection, and is resumed, while the clock is set %s by an hour',
  async (_, jump) => {
    const clock = moveClock();
    const server = await startTestServer();
    await using proxy = await startProxy(server.port);
    const pcm = await pcmOf('two-numbers', 16_000);
    const expected = await listenTo(`ws://127.0.0.1:${server.port}/v1/stream`, pcm);
    const queuedSeconds = (): Promise<number> => scraped(server.http, 'hearken_ingress_queue_seconds');
    let connectionsWhileSilent = 0;
    const states: ConnectionState[] = [];
    const pace = async (sent: number): Promise<void> => {
      if (sent === 32_000) {
        await vi.waitUntil(() => states.includes('open'), { timeout: 60_000 });
        await vi.waitUntil(async () => (await queuedSeconds()) === 0, { timeout: 60_000 }); // a client that is not waited for is never idle
        setClock(jump);
        await clock.pass(20_000); // longer than a silent client may be: it must still say that it is there
        connectionsWhileSilent = proxy.connectionCount();
      }
      if (sent === 64_000) {
        setClock(0);
        proxy.cut();
        await vi.waitUntil(() => proxy.connectionCount() === 2, { timeout: 60_000 });
      }
    };
    const onState = (state: ConnectionState): unknown => states.push(state);
    const events = await listenTo(`ws://127.0.0.1:${proxy.port}/v1/stream`, pcm, pace, { onState });
    expect(connectionsWhileSilent).toBe(1);
    expect(rounded(events)).toEqual(rounded(expected));
    expect(proxy.connectionCount()).toBe(2);
    await server.drain(0);
  },
);
