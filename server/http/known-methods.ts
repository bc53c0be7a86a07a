/** Which methods an address is asked with. */
import type { FastifyInstance, FastifyRequest } from 'fastify';

import { HearkenError } from '../../src/errors.ts';

/** The methods of a request's address, in capitals; none where there is no such address. */
export type MethodsAt = (request: FastifyRequest) => readonly string[];

/** Refuses requests that no route is for: 404 `request/path`, or 405 `request/method`. To be called before routes are added. */
export function refuseUnknown(app: FastifyInstance): MethodsAt {
  const methods = new Map<string, Set<string>>();
  app.addHook('onRoute', ({ url, method }) => {
    const known = methods.get(url) ?? new Set();
    for (const each of [method].flat()) known.add(each.toUpperCase());
    methods.set(url, known);
  });
  const methodsAt: MethodsAt = ({ url }) => [...(methods.get(url.split('?', 1)[0] ?? '') ?? [])];
  app.setNotFoundHandler((request, reply) => {
    const known = methodsAt(request);
    if (known.length === 0) throw new HearkenError('request/path', 'Expected an address of this server, got another');
    void reply.header('allow', known.join(', '));
    throw new HearkenError('request/method', `Expected ${known.join(' or ')}, got ${request.method}`);
  });
  return methodsAt;
}
