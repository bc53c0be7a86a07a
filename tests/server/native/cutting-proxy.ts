import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';

/** A TCP proxy whose connections can be cut as a bad network does, and whose target can be moved. */
export type CuttingProxy = AsyncDisposable & {
  readonly port: number;
  readonly aimAt: (port: number) => void;
  /** Cuts every connection. */ readonly cut: () => void;
  /** Cuts the next connection after so many bytes from the client. */ readonly cutNextAfter: (bytes: number) => void;
  readonly connectionCount: () => number;
};

export async function startProxy(target: number): Promise<CuttingProxy> {
  const open = new Set<Socket>();
  let aim = target;
  let count = 0;
  let limit = Number.POSITIVE_INFINITY;
  const server = createServer((client) => {
    count++;
    let left = limit;
    limit = Number.POSITIVE_INFINITY;
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
        end();
      });
    }
    client.on('data', (bytes: Buffer) => {
      upstream.write(bytes.subarray(0, left));
      left -= bytes.length;
      if (left <= 0) upstream.end(() => end());
    });
    upstream.on('data', (bytes: Buffer) => client.write(bytes));
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
    cutNextAfter: (bytes) => {
      limit = bytes;
    },
    connectionCount: () => count,
    [Symbol.asyncDispose]: async () => {
      for (const socket of open) socket.destroy();
      server.close();
      await once(server, 'close');
    },
  };
}
