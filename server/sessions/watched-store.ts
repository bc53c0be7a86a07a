import type { Logger } from 'pino';

import { HearkenError } from '../../src/errors.ts';
import type { SessionMetrics } from '../session-metrics.ts';
import type { SessionStore } from './session-store.ts';

export type StoreWatch = { readonly metrics: SessionMetrics; readonly log: Logger };

/** The same store, whose saves are measured; the log tells when they begin to fail, and when they succeed again. */
export function watchedStore(store: SessionStore, { metrics, log }: StoreWatch): SessionStore {
  let isFailing = false;
  return {
    load: (session) => store.load(session),
    remove: (session) => store.remove(session),
    expire: (idleMs) => store.expire(idleMs),
    save: async (record) => {
      const started = performance.now();
      try {
        const bytes = await store.save(record);
        metrics.saved(bytes, (performance.now() - started) / 1000);
        if (isFailing) log.info('sessions can be saved again');
        isFailing = false;
        return bytes;
      } catch (error) {
        const { code, message } =
          error instanceof HearkenError ? error : { code: 'session/store', message: String(error) };
        metrics.saveFailed(code);
        if (code === 'session/store' && !isFailing) {
          isFailing = true;
          log.error({ code, message }, 'sessions cannot be saved; streams go on without acknowledgements');
        }
        throw error;
      }
    },
  };
}
