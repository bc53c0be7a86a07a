import type { FastifyReply } from 'fastify';
import type { Logger } from 'pino';

import type { AreaOf, ErrorCode } from '../../src/error-codes.ts';
import { HearkenError } from '../../src/errors.ts';
import { Refusal } from '../access/refusal.ts';
import { type Failure, failureBody } from './failure.ts';

/** Statuses of our own refusals by their code, or its area; whatever else is refused is a fault of the request. */
const STATUSES: Readonly<Record<string, number>> = {
  engine: 500,
  stream: 500,
  server: 503,
  limit: 429,
  'request/path': 404,
  'request/method': 405,
  'request/too-big': 413,
} satisfies Partial<Record<ErrorCode | AreaOf<ErrorCode>, number>>;

/** Tells a failure in the form of OpenAI's API. What is not foreseen is logged, and told without its insides. */
export function sendError(error: unknown, reply: FastifyReply, log: Logger): FastifyReply {
  const failure = describeFailure(error);
  const { status, code } = failure;
  if (status >= 500 && status !== 503)
    log.error({ code, error: error instanceof Error ? error.stack : error }, 'failed');
  if (code === 'request/aborted') log.info({ code }, 'upload broken off');
  // What comes after a refusal is not read, so the connection cannot be used again.
  if (error instanceof Refusal) void reply.headers({ ...error.headers, connection: 'close' });
  return reply.code(status).send(failureBody(failure));
}

/** What a client is told of an error. */
export function describeFailure(error: unknown): Failure {
  if (error instanceof Refusal) return error;
  if (error instanceof HearkenError) {
    const { code, message } = error;
    return { status: STATUSES[code] ?? STATUSES[code.split('/', 1)[0] ?? ''] ?? 400, code, message };
  }
  const { statusCode = 500, code, message = '' } = error as FrameworkError; // read with care: all may lack
  if (code === 'FST_ERR_BAD_URL') {
    return {
      status: 400,
      code: 'request/url',
      message: 'Expected an address in percent-encoding, got one with faults',
    };
  }
  if (code === 'FST_ERR_CTP_INVALID_MEDIA_TYPE') {
    return { status: 400, code: 'request/form', message: 'Expected a form of multipart/form-data' };
  }
  return statusCode < 500
    ? { status: statusCode, code: 'request/http', message }
    : { status: 500, code: 'server/failed', message: 'Expected to answer, got a failure of the server' };
}

/** Fields of the errors that fastify throws on requests it cannot take. */
type FrameworkError = { readonly statusCode?: number; readonly code?: string; readonly message?: string };
