import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setImmediate as immediate } from 'node:timers/promises';
import { onTestFinished, expect, test } from 'vitest';
import { WebSocket } from 'ws';

import { routeUpgrades } from '../../server/upgrades.ts';
import { acceptWebSockets, type Connection, type WebSocketOptions } from '../../server/websockets.ts';
import { rawConnection } from './socket-client.ts';

type Pair = { readonly client: WebSocket; readonly connection: Connection };

/** A server, and its end of its first connection. */
async function listen(
  options: Partial<WebSocketOptions>,
): Promise<{ readonly port: number; readonly connected: Promise<Connection> }> {
  const server = createServer();
  const connected = new Promise<Connection>((resolve) => {
    const { handleUpgrade, terminate } = acceptWebSockets({
      subprotocols: [],
      admit: async () => ({ onConnection: resolve, onFailure: () => {} }),
      ...options,
    });
    routeUpgrades(server, [{ isAt: () => true, handleUpgrade }]);
    onTestFinished(() => {
      terminate();
      server.close();
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo; // it listens on TCP
  return { port, connected };
}

/** A client and the server's end of it. */
async function connect(options: Partial<WebSocketOptions>, clientOptions: object = {}): Promise<Pair> {
  const { port, connected } = await listen(options);
  const client = new WebSocket(`ws://127.0.0.1:${port}`, { perMessageDeflate: false, ...clientOptions });
  client.on('error', () => {});
  return { client, connection: await connected };
}

test('a sender is slowed down to the pace at which its messages are taken, and loses none', async () => {
  const { client, connection } = await connect({});
  await once(client, 'open');
  const [count, size] = [64, 512 * 1024];
  for (let index = 0; index < count; index++) client.send(Buffer.alloc(size, index));
  await expect.poll(() => connection.pausedSeconds()).toBeGreaterThan(0);
  expect(client.bufferedAmount).toBeGreaterThan(0); // what nobody takes stays with the sender
  const taken: number[] = [];
  for await (const message of connection.messages) {
    if (message.type === 'text') break;
    expect(message.bytes).toHaveLength(size);
    if (taken.push(message.bytes[0] ?? -1) === count) client.send('enough');
  }
  expect(taken).toEqual(Array.from({ length: count }, (_, index) => index));
});

test('a client that does not read is closed with 4008 and does not fill the memory', async () => {
  const { client, connection } = await connect({ slowReaderMs: 50 });
  await once(client, 'open');
  client.pause();
  const end: { code?: number } = {};
  const closed = connection.closed.then((code) => Object.assign(end, { code }));
  let most = 0;
  while (end.code === undefined) {
    await connection.send('x'.repeat(65_536));
    most = Math.max(most, connection.bufferedBytes());
    await immediate();
  }
  expect(await closed).toEqual({ code: 4008 });
  expect(most).toBeLessThan(1024 * 1024);
});

test('a client that answers no pings and sends nothing is given up', async () => {
  const { connection } = await connect({ heartbeatMs: 20 }, { autoPong: false });
  expect(await connection.closed).toBe(1006);
});

test('what a client was told on the way out is the code that is counted', async () => {
  const { client, connection } = await connect({});
  connection.close(1008, 'é'.repeat(100));
  const [code, reason] = (await once(client, 'close')) as [number, Buffer]; // as `ws` declares it
  expect(code).toBe(1008);
  expect(reason.toString()).toBe('é'.repeat(61)); // 123 bytes hold no more whole letters
  expect(await connection.closed).toBe(1008);
});

test.each([
  { name: 'a text that is no UTF-8', frame: Buffer.from([0x81, 0x82, 0, 0, 0, 0, 0xff, 0xfe]), code: 1007 },
  { name: 'a frame without a mask', frame: Buffer.from([0x81, 0x01, 0x61]), code: 1002 },
  { name: 'a message in too many pieces', frame: fragments(300), code: 1008 },
  { name: 'a message of more than a mebibyte', frame: hugeHead(), code: 1009 },
])('$name closes $code', async ({ frame, code }) => {
  const { connected, port } = await listen({});
  // A client of the library would send nothing malformed.
  const socket = await rawConnection(port);
  socket.once('data', () => socket.destroy()).write(frame); // what it is told is the close
  expect(await (await connected).closed).toBe(code);
});

/** A binary message in `count` pieces without a byte in them. */
function fragments(count: number): Buffer {
  const piece = (index: number): number[] => [index === 0 ? 0x02 : 0x00, 0x80, 0, 0, 0, 0];
  return Buffer.from(Array.from({ length: count }, (_, index) => piece(index)).flat());
}

/** The head of a frame that says it holds 1,048,577 bytes. */
function hugeHead(): Buffer {
  return Buffer.from([0x82, 0xff, 0, 0, 0, 0, 0, 0x10, 0, 0x01, 0, 0, 0, 0]);
}
