import type { FastifyReply } from 'fastify';
import type { Logger } from 'pino';

import { HearkenError } from '../../src/errors.ts';
import { Refusal } from '../access/refusal.ts';

/** Statuses of our own refusals by the area of their code; whatever else is refused is the request's fault. */
const STATUSES: Readonly<Record<string, number>> = { engine: 500, stream: 500, server: 503, limit: 429 };

/** Tells a failure in the form of OpenAI's API. What is not foreseen is logged, and told without its insides. */
export function tellError(error: unknown, reply: FastifyReply, log: Logger): FastifyReply {
  const { status, code, message } = describeFailure(error);
  if (status >= 500 && status !== 503)
    log.error({ code, error: error instanceof Error ? error.stack : error }, 'failed');
  // What comes after a refusal is not read, so the connection cannot be used again.
  if (error instanceof Refusal) void reply.headers({ ...error.headers, connection: 'close' });
  const type = status >= 500 ? 'server_error' : 'invalid_request_error';
  return reply.code(status).send({ error: { message, type, param: null, code } });
}

/** What is told of it. */
export function describeFailure(error: unknown): { status: number; code: string; message: string } {
  if (error instanceof Refusal) return error;
  if (error instanceof HearkenError) {
    const { code, message } = error;
    return { status: STATUSES[code.split('/', 1)[0] ?? ''] ?? 400, code, message };
  }
  const { statusCode = 500, code = 'failed', message = '' } = error as FrameworkError; // read with care: all may lack
  return statusCode < 500
    ? { status: statusCode, code, message }
    : { status: 500, code: 'server/failed', message: 'Expected to answer, got a failure of the server' };
}

/** What fastify throws on requests that it cannot take. */
type FrameworkError = { readonly statusCode?: number; readonly code?: string; readonly message?: string };
