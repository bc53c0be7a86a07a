/**
 * Upgrades that a server does not want, such as `Upgrade: h2c` of Java's client and `curl --http2`, are no handshakes: their
 * requests are answered as if they had not asked (RFC 9110, section 7.8).
 */
import type { IncomingMessage, Server } from 'node:http';
import { Server as TlsServer } from 'node:https';
import type { Duplex } from 'node:stream';

/** Whether an upgrade is wanted. */
export function isWebSocketUpgrade({ headers }: IncomingMessage): boolean {
  return headers.upgrade?.toLowerCase() === 'websocket';
}

/**
 * For `createServer`: whether a request that asks for an upgrade is told of as `upgrade`. Node 20 tells of all. Newer ones ask,
 * answer what is not wanted themselves, and then forget requests that came right behind one without a body.
 */
export function isReportedAsUpgrade(request: IncomingMessage): boolean {
  const { 'transfer-encoding': encoding, 'content-length': length } = request.headers;
  return isWebSocketUpgrade(request) || (encoding === undefined && Number(length ?? 0) === 0);
}

/** Answers a request with its body, and whatever comes after it on its connection, as if it had asked for no upgrade. */
export function ignoreUpgrade(server: Server, request: IncomingMessage, socket: Duplex, head: Buffer): void {
  socket.unshift(Buffer.concat([headWithoutUpgrade(request), head]));
  // As Node's documentation says of both events, connections may be handed to a server by them.
  server.emit(server instanceof TlsServer ? 'secureConnection' : 'connection', socket);
}

/** The received head without the header that asks for an upgrade. */
function headWithoutUpgrade({ method, url, httpVersion, rawHeaders }: IncomingMessage): Buffer {
  const lines = [`${method} ${url} HTTP/${httpVersion}`];
  for (let index = 0; index < rawHeaders.length; index += 2) {
    const name = rawHeaders[index];
    if (name?.toLowerCase() !== 'upgrade') lines.push(`${name}: ${rawHeaders[index + 1]}`);
  }
  return Buffer.from(`${lines.join('\r\n')}\r\n\r\n`, 'latin1');
}
