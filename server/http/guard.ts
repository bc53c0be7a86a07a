/** Routes whose users are asked who they are before anything of a request is read. */
import type { FastifyInstance, FastifyRequest } from 'fastify';

import { HearkenError } from '../../src/errors.ts';
import type { Admission } from '../access/admission.ts';
import type { Identity } from '../access/identity.ts';

/** Identifies the client of a request. */
export type IdentityOf = (request: FastifyRequest) => Identity;

/** Guards every route that is added to `app` from now on. */
export function guardRoutes(app: FastifyInstance, admission: Admission): IdentityOf {
  const identities = new WeakMap<FastifyRequest, Identity>();
  app.addHook('onRequest', async (request) => {
    identities.set(request, await admission.identify(request.headers));
  });
  return (request) => {
    const identity = identities.get(request);
    if (identity === undefined) throw new HearkenError('server/unguarded', 'Expected a guarded route, got another');
    return identity;
  };
}
