/** A server of HTTP, or of HTTPS whose certificate can be replaced while it runs. */
import { createServer, type RequestListener, type Server } from 'node:http';
import { createServer as createTlsServer } from 'node:https';

import { HearkenError } from '../src/errors.ts';
import { answerClientError, hostFault } from './client-errors.ts';
import { type Failure, respondFailure, writeFailure } from './http/failure.ts';
import { isReportedAsUpgrade } from './ignored-upgrades.ts';
import { keepNewest } from './responses.ts';

/** Both as PEM. */
export type Certificate = {
  /** The server's, followed by those that lead to a known authority. */ readonly cert: string;
  readonly key: string;
};

export type HttpServer = {
  readonly server: Server;
  /** Uses another certificate for new connections. Throws `tls/certificate`, and goes on with the one before. */
  readonly renew: (certificate: Certificate) => void;
};

/** Milliseconds that a client may take for its request's head. How long a body may take is for its reader to say. */
const HEAD_MS = 20_000;
const TLS_HANDSHAKE_MS = 10_000;

/** Does not listen yet. Requests that are none are answered before they reach `handler`. Throws `tls/certificate`. */
export function createHttpServer(handler: RequestListener, certificate: Certificate | undefined): HttpServer {
  const answer: RequestListener = (request, response) => {
    keepNewest(response);
    const fault = hostFault(request);
    if (fault === undefined) handler(request, response);
    else respondFailure(response, fault);
  };
  const options = {
    headersTimeout: HEAD_MS,
    requestTimeout: 0,
    requireHostHeader: false, // or it would be missed in words of its own
    shouldUpgradeCallback: isReportedAsUpgrade, // newer than Node 20 and its type declarations
  };
  if (certificate === undefined) return { server: guarded(createServer(options, answer)), renew: () => undefined };
  const server = usable(() => {
    const tls = { ...certificate, minVersion: 'TLSv1.2', handshakeTimeout: TLS_HANDSHAKE_MS } as const;
    return createTlsServer({ ...options, ...tls }, answer);
  });
  const renew = (renewed: Certificate): void =>
    usable(() => server.setSecureContext({ ...renewed, minVersion: 'TLSv1.2' }));
  return { server: guarded(server), renew };
}

function guarded(server: Server): Server {
  const expectation: Failure = {
    status: 417,
    code: 'request/expect',
    message: 'Expected Expect: 100-continue, got another',
  };
  const proxying: Failure = {
    status: 405,
    code: 'request/method',
    message: 'Expected no CONNECT, for this is no proxy',
  };
  return server
    .on('clientError', answerClientError)
    .on('checkExpectation', (_request, response) => respondFailure(response, expectation))
    .on('connect', (_request, socket) => writeFailure(socket, proxying));
}

/** Runs `use`, and replaces what OpenSSL throws, which names neither the certificate nor its key. */
function usable<T>(use: () => T): T {
  try {
    return use();
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException; // of node:tls
    throw new HearkenError('tls/certificate', `Expected a certificate with its key, got ${code ?? message}`);
  }
}
