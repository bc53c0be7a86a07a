/** What browsers let pages of other servers do: an allowed one may ask, send a recording with its key, and read the answer (CORS). */
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';

import type { Admission } from '../access/admission.ts';
import type { MethodsAt } from './known-methods.ts';

/** Seconds for which a browser need not ask again. */
const MAXIMUM_AGE_SECONDS = 600;
/** Addresses that load balancers use, under any host name; their answers are about nobody. */
const FOR_EVERYBODY: ReadonlySet<string | undefined> = new Set(['/livez', '/readyz']);

/**
 * Limits which web pages may use the server. Called before hooks that ask for a key: a browser asks whether a page may,
 * without the page's key.
 */
export function limitPages(app: FastifyInstance, admission: Admission, methodsAt: MethodsAt): void {
  app.addHook('onRequest', async (request, reply) => {
    const { headers } = request;
    if (!FOR_EVERYBODY.has(request.routeOptions.url)) admission.assertKnownHost(headers);
    if (headers.origin === undefined) return undefined;
    void reply.header('vary', 'Origin');
    if (!admission.mayRead(headers)) return undefined; // its browser keeps the answer from it
    void reply.headers({
      'access-control-allow-origin': headers.origin,
      'access-control-expose-headers': 'Retry-After, WWW-Authenticate, Hearken-Incomplete, Hearken-Warning',
    });
    return answerPreflight(request, reply, methodsAt(request));
  });
}

function answerPreflight(
  { method, headers }: FastifyRequest,
  reply: FastifyReply,
  methods: readonly string[],
): FastifyReply | undefined {
  if (method !== 'OPTIONS' || headers['access-control-request-method'] === undefined || methods.length === 0) {
    return undefined;
  }
  const requested = headers['access-control-request-headers'];
  void reply.headers({
    'access-control-allow-methods': methods.join(', '),
    'access-control-max-age': MAXIMUM_AGE_SECONDS,
    ...(requested !== undefined && { 'access-control-allow-headers': requested }),
    // A page of the network asks whether it may reach this machine.
    ...('access-control-request-private-network' in headers && { 'access-control-allow-private-network': 'true' }),
  });
  return reply.code(204).send();
}
