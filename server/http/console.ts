/** The page at `/`: files that the build made, and what a browser may do with them. */
import fastifyStatic from '@fastify/static';
import type { FastifyInstance } from 'fastify';

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

/** Names in this folder carry a hash of their contents; the page itself does not, and is asked for again each time. */
const HASHED_FOLDER = '/assets/';

/** Serves the files of `folder` as they are now. Other addresses stay what they were. */
export async function addConsole(app: FastifyInstance, folder: string): Promise<void> {
  await app.register(fastifyStatic, {
    root: folder,
    wildcard: false,
    cacheControl: false,
    setHeaders: (reply, path) => {
      void reply.headers(PAGE_HEADERS);
      const isHashed = path.replaceAll('\\', '/').includes(HASHED_FOLDER);
      void reply.header('Cache-Control', isHashed ? 'public, max-age=31536000, immutable' : 'no-cache');
    },
  });
}
