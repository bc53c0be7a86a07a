/** The page at `/`: files that the build made, and what a browser may do with them. */
import { existsSync } from 'node:fs';
import { readdir } from 'node:fs/promises';
import { join, relative, sep } from 'node:path';

import { send } from '@fastify/send';
import type { FastifyInstance, RouteHandlerMethod } from 'fastify';

import { packageFile } from '../../src/package-root.ts';
import type { Admission } from '../access/admission.ts';

/** The page loads, and talks to, nobody but this server, and nobody may frame it. */
const PAGE_HEADERS: Readonly<Record<string, string>> = {
  'Content-Security-Policy': [
    "default-src 'none'",
    "script-src 'self' 'wasm-unsafe-eval'", // log-mel features are computed by WebAssembly; text is never run
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

/** The folder of the page: `npm run build` makes it; a checkout that was not built has none. */
export function builtConsole(): string | undefined {
  const folder = packageFile('dist/console');
  return existsSync(folder) ? folder : undefined;
}

/** Serves the files that are in `folder` now; what is in them is read when it is asked for. Other addresses stay what they were. */
export async function addConsole(
  app: FastifyInstance,
  folder: string,
  { requiresKey }: Pick<Admission, 'requiresKey'>,
): Promise<void> {
  const headers = { ...PAGE_HEADERS, ...(requiresKey && { [ACCESS_HEADER]: 'key' }) };
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  const files = entries.filter((entry) => entry.isFile());
  for (const { parentPath, name } of files) {
    const address = `/${relative(folder, join(parentPath, name)).split(sep).join('/')}`;
    const isHashed = address.startsWith(HASHED_FOLDER);
    const cacheControl = isHashed ? 'public, max-age=31536000, immutable' : 'no-cache';
    const answer: RouteHandlerMethod = async ({ raw }, reply) => {
      const file = await send(raw, encodeURI(address), { root: folder, cacheControl: false });
      if (file.type === 'error') return reply.callNotFound(); // removed meanwhile
      return reply
        .code(file.statusCode)
        .headers({ ...file.headers, ...headers, 'Cache-Control': cacheControl })
        .send(file.stream);
    };
    app.get(address, answer);
    if (address === '/index.html') app.get('/', answer);
  }
}
