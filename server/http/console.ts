/** The page at `/`: files that the build made, and what a browser may do with them. */
import fastifyStatic from '@fastify/static';
import type { FastifyInstance } from 'fastify';

import type { Admission } from '../access/admission.ts';

/** The page loads, and talks to, nobody but this server, and nobody may frame it. */
const PAGE_HEADERS: Readonly<Record<string, string>> = {
  'Content-Security-Policy': [
    "default-src 'none'",
    "script-src 'self'",
    "style-src 'self'",
    "img-src 'self'",
    "connect-src 'self'",
    "worker-src 'self'",
    "base-uri 'none'",
    "form-action 'none'",
    "frame-ancestors 'none'",
  ].join('; '),
  'Permissions-Policy': 'microphone=(self), camera=(), geolocation=()',
  'Referrer-Policy': 'no-referrer',
  'X-Content-Type-Options': 'nosniff',
};

/** Tells the page that a key is asked for, before it asks for anything without one and is refused. */
const ACCESS_HEADER = 'Hearken-Access';

/** Names in this folder carry a hash of their contents; the page itself does not, and is asked for again each time. */
const HASHED_FOLDER = '/assets/';

/** Serves the files of `folder` as they are now. Other addresses stay what they were. */
export async function addConsole(
  app: FastifyInstance,
  folder: string,
  { asksForKey }: Pick<Admission, 'asksForKey'>,
): Promise<void> {
  const headers = { ...PAGE_HEADERS, ...(asksForKey && { [ACCESS_HEADER]: 'key' }) };
  await app.register(fastifyStatic, {
    root: folder,
    wildcard: false,
    cacheControl: false,
    setHeaders: (reply, path) => {
      void reply.headers(headers);
      const isHashed = path.replaceAll('\\', '/').includes(HASHED_FOLDER);
      void reply.header('Cache-Control', isHashed ? 'public, max-age=31536000, immutable' : 'no-cache');
    },
  });
}
