import { expect, test } from 'vitest';

import { handshakeFailure } from '../../client/handshake-failure.ts';

const status = (code: number) => ({ message: `Unexpected server response: ${code}` });

test.each([
  [status(401), 'unwelcome', /HTTP 401.*key/],
  [status(403), 'unwelcome', /HTTP 403.*name/],
  [status(404), 'elsewhere', /HTTP 404: is its path/],
  [status(301), 'elsewhere', /HTTP 301$/],
  [status(400), 'elsewhere', /wss:/],
  [status(429), 'unreachable', /HTTP 429/],
  [status(503), 'unreachable', /HTTP 503/],
  [{ message: 'connect ECONNREFUSED', code: 'ECONNREFUSED' }, 'unreachable', /^ECONNREFUSED$/],
  [{ message: 'getaddrinfo EAI_AGAIN', code: 'EAI_AGAIN' }, 'unreachable', /^EAI_AGAIN$/],
  [{ message: 'socket hang up', code: 'ECONNRESET' }, 'hung-up', /wss:/],
  [{ message: 'certificate has expired', code: 'CERT_HAS_EXPIRED' }, 'elsewhere', /certificate has expired/],
  [{ message: 'Server sent no subprotocol' }, 'elsewhere', /another protocol \(server sent no subprotocol\)/],
  [{ message: 'Received network error or non-101 status code.' }, 'hidden', /^$/],
  [{}, 'hidden', /^$/],
] as const)('%j is a server that is %s', (error, kind, reason) => {
  expect(handshakeFailure('ws://127.0.0.1/', error)).toEqual({ kind, reason: expect.stringMatching(reason) });
});
