import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';

/** A TCP proxy whose connections can be cut or go dead as in a bad network, and whose target can be moved. */
export type CuttingProxy = AsyncDisposable & {
  readonly port: number;
  readonly aimAt: (port: number) => void;
  /** Cuts every connection. */ readonly cut: () => void;
  /** Cuts the next connection after so many bytes from that side. */
  readonly cutNextAfter: (bytes: number, side?: 'client' | 'server') => void;
  /** What that side says from now on, on the connections there are, goes nowhere; nobody is told, and nothing ends. */
  readonly swallow: (...sides: ('client' | 'server')[]) => void;
  /** The next connection is taken, and nothing passes. */ readonly swallowNext: () => void;
  readonly connectionCount: () => number;
};

const UNLIMITED = { client: Number.POSITIVE_INFINITY, server: Number.POSITIVE_INFINITY };

export async function startProxy(target: number): Promise<CuttingProxy> {
  const open = new Set<Socket>();
  const deaf: Set<string>[] = []; // a set for each connection: whose words are swallowed
  let isNextDead = false;
  let aim = target;
  let count = 0;
  let limits = UNLIMITED;
  const server = createServer((client) => {
    count++;
    const left = { ...limits };
    limits = UNLIMITED;
    const swallowed = new Set<string>(isNextDead ? ['client', 'server'] : []);
    isNextDead = false;
    deaf.push(swallowed);
    const upstream = connect(aim, '127.0.0.1');
    const end = (): void => {
      client.destroy();
      upstream.destroy();
    };
    for (const socket of [client, upstream]) {
      open.add(socket);
      socket.on('error', end);
      socket.on('close', () => {
        open.delete(socket);
        if (swallowed.size === 0) end();
      });
    }
    const pass = (from: Socket, to: Socket, side: keyof typeof left): void => {
      from.on('data', (bytes: Buffer) => {
        if (swallowed.has(side)) return;
        to.write(bytes.subarray(0, Math.max(0, left[side])));
        left[side] -= bytes.length;
        if (left[side] <= 0) to.end(() => end());
      });
    };
    pass(client, upstream, 'client');
    pass(upstream, client, 'server');
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    port: (server.address() as AddressInfo).port, // it listens on TCP
    aimAt: (port) => {
      aim = port;
    },
    cut: () => {
      for (const socket of open) socket.destroy();
    },
    cutNextAfter: (bytes, side = 'client') => {
      limits = { ...UNLIMITED, [side]: bytes };
    },
    swallow: (...sides) => {
      for (const swallowed of deaf) for (const side of sides) swallowed.add(side);
    },
    swallowNext: () => {
      isNextDead = true;
    },
    connectionCount: () => count,
    [Symbol.asyncDispose]: async () => {
      for (const socket of open) socket.destroy();
      server.close();
      await once(server, 'close');
    },
  };
}
