import { HearkenError } from '../../src/errors.ts';
import type { SessionMetrics } from '../session-metrics.ts';
import type { SessionStore } from '../sessions/session-store.ts';
import type { TraceSpan } from './span.ts';

type Sessions = { readonly store: SessionStore; readonly metrics: SessionMetrics };

/**
 * The sessions with their events in a connection's span: that the session was made durable, and that it goes on after a
 * loss.
 */
export function tracedSessions({ store, metrics }: Sessions, span: TraceSpan): Sessions {
  return {
    store: {
      ...store,
      save: async (record, from) => {
        const saving = span.begin('hearken.snapshot');
        try {
          const saved = await store.save(record, from);
          saving.set({ 'hearken.snapshot.bytes': saved.bytes });
          return saved;
        } catch (error) {
          saving.fail(error instanceof HearkenError ? error.code : 'session/store');
          throw error;
        } finally {
          saving.end();
        }
      },
    },
    metrics: {
      ...metrics,
      resumed: (outcome, seconds) => {
        span.event('hearken.resumed', { 'hearken.resume.outcome': outcome });
        metrics.resumed(outcome, seconds);
      },
    },
  };
}
