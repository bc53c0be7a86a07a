/** What clients send that is no request of HTTP/1.1: faults below whoever answers requests. */
import { type IncomingMessage, maxHeaderSize } from 'node:http';
import type { Duplex } from 'node:stream';

import { type Failure, writeFailure } from './http/failure.ts';
import { openResponse } from './responses.ts';

/**
 * Handles a server's event `clientError`. Answers with what is wrong where that cannot be taken for another request's
 * answer.
 */
export function answerClientError(error: NodeJS.ErrnoException & { readonly reason?: string }, socket: Duplex): void {
  const failure = failureOf(error);
  if (failure === undefined) return void socket.destroy(); // nobody is there, or nobody who could read
  if (!socket.writable) return; // it ends already
  const response = openResponse(socket);
  if (response === undefined) return writeFailure(socket, failure);
  if (response.req.complete) {
    // What is wrong is the next request, which is answered after this one.
    socket.pause();
    response.once('close', () => {
      if (socket.writable) writeFailure(socket, failure);
    });
  } else if (response.headersSent) socket.destroy();
  else writeFailure(socket, failure);
}

function failureOf({ code = '', reason }: NodeJS.ErrnoException & { readonly reason?: string }): Failure | undefined {
  if (code === 'ERR_HTTP_REQUEST_TIMEOUT') {
    return {
      status: 408,
      code: 'request/timeout',
      message: 'Expected the head of a request in time, got a part of it',
    };
  }
  if (code === 'HPE_HEADER_OVERFLOW') {
    const message = `Expected headers of at most ${maxHeaderSize} bytes, got more`;
    return { status: 431, code: 'request/headers', message };
  }
  if (code === 'HPE_CHUNK_EXTENSIONS_OVERFLOW') {
    return { status: 413, code: 'request/too-big', message: 'Expected chunks without long extensions, got some' };
  }
  if (!code.startsWith('HPE_')) return undefined;
  const why = reason === undefined || reason === '' ? '' : ` (${reason})`; // the parser's words; nothing of what was sent
  return { status: 400, code: 'request/http', message: `Expected a request of HTTP/1.1, got something else${why}` };
}

/**
 * The error in the `Host` of a request, if there is one. Where there are two, whoever checks one may serve the other.
 */
export function hostFault({ headersDistinct, httpVersion }: IncomingMessage): Failure | undefined {
  const count = headersDistinct['host']?.length ?? 0;
  if (count === 1 || (count === 0 && httpVersion === '1.0')) return undefined;
  return { status: 400, code: 'request/host', message: `Expected one Host header, got ${count}` };
}
