/** How every refusal and failure over HTTP is told: in the form of OpenAI's API. */
import { type ServerResponse, STATUS_CODES } from 'node:http';
import type { Duplex } from 'node:stream';

import type { ErrorCode } from '../../src/error-codes.ts';

export type Failure = {
  /** Status of the HTTP response. */ readonly status: number;
  /** Stable, `area/what`. */ readonly code: ErrorCode;
  readonly message: string;
  /** Names are lower case. */ readonly headers?: Readonly<Record<string, string>>;
};

/** JSON body of a failed response. */
export type FailureBody = {
  readonly error: {
    readonly message: string;
    readonly type: 'server_error' | 'invalid_request_error';
    readonly param: null;
    readonly code: ErrorCode;
  };
};

/** Milliseconds that a refused client may go on sending; a connection that is cut at once may lose the answer. */
const LINGER_MS = 2_000;
const JSON_TYPE = 'application/json; charset=utf-8';

export function failureBody({ status, code, message }: Failure): FailureBody {
  const type = status >= 500 ? 'server_error' : 'invalid_request_error';
  return { error: { message, type, param: null, code } };
}

/** Tells a failure where no framework answers, and closes the connection. */
export function respondFailure(response: ServerResponse, failure: Failure): void {
  const body = JSON.stringify(failureBody(failure));
  const length = Buffer.byteLength(body);
  const headers = { connection: 'close', ...failure.headers, 'content-type': JSON_TYPE, 'content-length': length };
  response.writeHead(failure.status, headers).end(body);
}

/** Answers with a failure on a connection that no response belongs to. */
export function writeFailure(socket: Duplex, failure: Failure): void {
  const body = JSON.stringify(failureBody(failure));
  const lines = Object.entries({
    connection: 'close',
    ...failure.headers,
    'content-type': JSON_TYPE,
    'content-length': Buffer.byteLength(body),
  }).map(([name, value]) => `${name}: ${value}\r\n`);
  socket.on('error', () => socket.destroy());
  socket.end(`HTTP/1.1 ${failure.status} ${STATUS_CODES[failure.status]}\r\n${lines.join('')}\r\n${body}`);
  socket.resume();
  const timer = setTimeout(() => socket.destroy(), LINGER_MS);
  socket.once('close', () => clearTimeout(timer));
}
