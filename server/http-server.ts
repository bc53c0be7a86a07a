/** A server of HTTP, or of HTTPS whose certificate can be replaced while it runs. */
import { createServer, type RequestListener, type Server } from 'node:http';
import { createServer as createTlsServer } from 'node:https';

import { HearkenError } from '../src/errors.ts';
import { isToldAsUpgrade } from './ignored-upgrades.ts';

/** Both as PEM. */
export type Certificate = {
  /** The server's, followed by those that lead to a known authority. */ readonly cert: string;
  readonly key: string;
};

export type HttpServer = {
  readonly server: Server;
  /** For connections from now on. Throws `tls/certificate`, and goes on with the one before. */
  readonly renew: (certificate: Certificate) => void;
};

/** How long a client may take for its request's head. How long a body may take is for whoever reads it. */
const HEAD_MS = 20_000;
const TLS_HANDSHAKE_MS = 10_000;

/** Does not listen yet. Throws `tls/certificate`. */
export function createHttpServer(handler: RequestListener, certificate: Certificate | undefined): HttpServer {
  // `shouldUpgradeCallback` is newer than Node 20 and its type declarations.
  const options = { headersTimeout: HEAD_MS, requestTimeout: 0, shouldUpgradeCallback: isToldAsUpgrade };
  if (certificate === undefined) return { server: createServer(options, handler), renew: () => undefined };
  const server = usable(() => {
    const tls = { ...certificate, minVersion: 'TLSv1.2', handshakeTimeout: TLS_HANDSHAKE_MS } as const;
    return createTlsServer({ ...options, ...tls }, handler);
  });
  return { server, renew: (renewed) => usable(() => server.setSecureContext({ ...renewed, minVersion: 'TLSv1.2' })) };
}

/** What OpenSSL says about a certificate names neither it nor its key. */
function usable<T>(use: () => T): T {
  try {
    return use();
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException; // of node:tls
    throw new HearkenError('tls/certificate', `Expected a certificate with its key, got ${code ?? message}`);
  }
}
