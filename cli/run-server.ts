import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { pino } from 'pino';

import type { HearkenError } from '../src/errors.ts';
import { serve } from '../server/serve.ts';
import { openDirectoryStore } from '../server/sessions/directory-store.ts';
import { createMemoryStore } from '../server/sessions/memory-store.ts';
import { packageFile, packageVersion } from './package-file.ts';
import { readCertificate, readSecrets } from './serve-config/secrets.ts';
import type { Settings } from './serve-config/settings.ts';

/** From the signal to the end of the process; orchestrators kill after 30 s or more. */
export const GRACE_MS = 20_000;

/** Serves until it is told to stop. Throws `engine/lost` where the engine fails for good. */
export async function runServer(settings: Settings): Promise<void> {
  const { models, host, port, voskPort, maximumStreams, sessions, origins, perKey } = settings;
  const { authenticator, certificate } = await readSecrets(settings);
  const log = pino({ base: null, timestamp: pino.stdTimeFunctions.isoTime });
  const stopping = new AbortController();
  let lost: HearkenError | undefined;
  const server = await serve({
    models,
    host,
    port,
    voskPort,
    maximumStreams,
    access: { authenticate: authenticator?.authenticate, origins, limits: perKey },
    certificate,
    store: sessions === undefined ? createMemoryStore() : await openDirectoryStore(sessions),
    console: builtConsole(),
    version: packageVersion(),
    log,
    onLost: (error) => {
      lost = error;
      stopping.abort();
    },
  });
  const reload = async (): Promise<void> => {
    try {
      await authenticator?.reload();
      await server.dismissRevoked();
      if (settings.tls !== undefined) server.renewCertificate(await readCertificate(settings.tls));
      log.info('keys and certificate read again');
    } catch (error) {
      const { code, message } = error as HearkenError; // both throw no others
      log.error({ code }, message);
    }
  };
  const onReload = (): void => void reload();
  const stop = (): void => stopping.abort();
  // Without anything to read again it means what it does to every process: its terminal is gone.
  if (authenticator !== undefined || settings.tls !== undefined) process.on('SIGHUP', onReload);
  process.once('SIGTERM', stop).once('SIGINT', stop);
  if (!stopping.signal.aborted) await once(stopping.signal, 'abort');
  process.off('SIGHUP', onReload);
  process.off('SIGTERM', stop).off('SIGINT', stop); // a second one ends the process as usual
  await server.drain(GRACE_MS);
  if (lost !== undefined) throw lost;
}

/** `npm run build` makes it; a checkout that was not built has none. */
function builtConsole(): string | undefined {
  const folder = packageFile('dist/console');
  return existsSync(folder) ? folder : undefined;
}
