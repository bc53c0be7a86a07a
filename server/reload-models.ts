/** Loads the models again while they are heard, and tells operators what came of it. */
import type { Logger } from 'pino';

import { toFailure } from './engine/protocol.ts';
import type { EngineClient } from './engine/client.ts';
import type { ServerMetrics } from './metrics.ts';

export type ReloadOptions = {
  readonly engine: EngineClient;
  readonly metrics: Pick<ServerMetrics, 'reloaded'>;
  readonly log: Logger;
};

/** The returned function never rejects; a call while models are being loaded waits for its turn. */
export function createReload({ engine, metrics, log }: ReloadOptions): () => Promise<void> {
  let last = Promise.resolve();
  const reload = async (): Promise<void> => {
    try {
      for (const one of await engine.reload()) {
        metrics.reloaded(one.id, one.outcome);
        if (one.outcome === 'changed') log.info({ model: one.id, version: one.model.version }, 'model loaded again');
        else if (one.outcome === 'unchanged') log.info({ model: one.id }, 'model has not changed');
        else log.error({ model: one.id, ...one.failure }, 'model cannot be loaded; the old one is kept');
      }
    } catch (error) {
      log.error(toFailure(error), 'models could not be loaded again');
    }
  };
  return () => {
    last = last.then(reload);
    return last;
  };
}
