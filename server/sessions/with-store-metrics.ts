import type { Logger } from 'pino';

import type { ErrorCode } from '../../src/error-codes.ts';
import { HearkenError } from '../../src/errors.ts';
import type { SessionMetrics } from '../session-metrics.ts';
import type { SessionStore } from './session-store.ts';

export type StoreWatch = { readonly metrics: SessionMetrics; readonly log: Logger };

/** One loss of a whole folder is noticed by each of its streams, at its next save. */
const LOSS_MS = 60_000;

/** `store` with its saves measured; the log tells when they begin to fail, when they succeed again, and of losses. */
export function withStoreMetrics(store: SessionStore, { metrics, log }: StoreWatch): SessionStore {
  let isFailing = false;
  let lossReported: number | undefined;
  const tellLoss = (): void => {
    metrics.recordsLost();
    const now = performance.now();
    if (lossReported !== undefined && now - lossReported < LOSS_MS) return;
    lossReported = now;
    log.warn(
      { code: 'session/records-lost' satisfies ErrorCode },
      'records of sessions were gone from their store, and were saved anew',
    );
  };
  return {
    load: (session) => store.load(session),
    remove: (session) => store.remove(session),
    expire: (idleMs) => store.expire(idleMs),
    save: async (record, from) => {
      const started = performance.now();
      try {
        const saved = await store.save(record, from);
        metrics.saved(saved.bytes, (performance.now() - started) / 1000);
        if (saved.wasLost) tellLoss();
        if (isFailing) log.info('sessions can be saved again');
        isFailing = false;
        return saved;
      } catch (error) {
        const failure: { readonly code: ErrorCode; readonly message: string } =
          error instanceof HearkenError ? error : { code: 'session/store', message: String(error) };
        const { code, message } = failure;
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
