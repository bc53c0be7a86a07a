import { once } from 'node:events';
import { isatty } from 'node:tty';

import { HearkenError } from '../src/errors.ts';
import { packageVersion } from '../src/package-root.ts';
import { builtConsole } from '../server/http/console.ts';
import { serve } from '../server/serve.ts';
import { openDirectoryStore } from '../server/sessions/directory-store.ts';
import { createMemoryStore } from '../server/sessions/memory-store.ts';
import { readCertificate, readSecrets } from './serve-config/secrets.ts';
import { report } from './report-failure.ts';
import { openServerLog } from './server-log.ts';
import type { Settings } from './serve-config/settings.ts';

/** Milliseconds from the signal to the end of the process; orchestrators kill after 30 s or more. */
export const GRACE_MS = 20_000;

/** Serves until it is told to stop. Throws `engine/lost` where the engine fails for good, and `output/unwritable` where the log cannot be begun. */
export async function runServer(settings: Settings): Promise<void> {
  const { models, device, host, port, voskPort, maximumStreams, sessions, origins, hostNames, perKey } = settings;
  const { authenticator, certificate } = await readSecrets(settings);
  const stopping = new AbortController();
  let lost: HearkenError | undefined;
  let isServing = false;
  const log = openServerLog((code) => {
    const fault = `Expected to write the log to standard output, got ${code}`;
    if (isServing) {
      report(`${fault}; the server goes on without`);
      return;
    }
    lost = new HearkenError('output/unwritable', fault);
    stopping.abort();
  });
  const server = await serve({
    models,
    device,
    host,
    port,
    voskPort,
    maximumStreams,
    access: { authenticate: authenticator?.authenticate, origins, hostNames, limits: perKey },
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
  isServing = true;
  const reloadSecrets = async (): Promise<void> => {
    if (authenticator === undefined && settings.tls === undefined) return;
    try {
      await authenticator?.reload();
      await server.drainRevoked();
      if (settings.tls !== undefined) server.renewCertificate(await readCertificate(settings.tls));
      log.info('keys and certificate read again');
    } catch (error) {
      const { code, message } = error as HearkenError; // both throw no others
      log.error({ code }, message);
    }
  };
  const stop = (): void => stopping.abort();
  const hadTerminal = hasTerminal();
  const isHungUp = (): boolean => hadTerminal && !hasTerminal(); // a terminal that is closed says so by SIGHUP too
  const onReload = (): void => {
    if (isHungUp()) stop();
    else void Promise.all([reloadSecrets(), server.reload()]);
  };
  process.on('SIGHUP', onReload);
  process.once('SIGTERM', stop).once('SIGINT', stop);
  if (!stopping.signal.aborted) await once(stopping.signal, 'abort');
  process.off('SIGTERM', stop).off('SIGINT', stop); // a second one ends the process as usual
  await server.drain(GRACE_MS);
  process.off('SIGHUP', onReload);
  if (isHungUp()) process.kill(process.pid, 'SIGHUP'); // an exit would look for the terminal, and abort
  if (lost !== undefined) throw lost;
}

function hasTerminal(): boolean {
  return [0, 1, 2].some(isatty);
}
