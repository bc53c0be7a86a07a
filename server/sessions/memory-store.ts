import { decodeRecord, encodeRecord } from './session-record.ts';
import type { SessionStore } from './session-store.ts';
import { type Latest, placeOf } from './succession.ts';

type StoredSession = Latest & { readonly bytes: Uint8Array; readonly savedAt: number };

/** Sessions that survive a lost connection, but not the process. */
export function createMemoryStore(): SessionStore {
  const kept = new Map<string, StoredSession>();
  return {
    load: async (session) => {
      const found = kept.get(session);
      return found === undefined ? undefined : decodeRecord(found.bytes);
    },
    save: async (record, from) => {
      const { session, tenure } = record;
      const { revision, wasLost } = placeOf(record, kept.get(session), from);
      const bytes = encodeRecord({ ...record, revision });
      kept.set(session, { bytes, revision, tenure, savedAt: performance.now() });
      return { revision, wasLost, bytes: bytes.length };
    },
    remove: async (session) => {
      kept.delete(session);
    },
    expire: async (idleMs) => {
      const now = performance.now();
      const old = [...kept].filter(([, { savedAt }]) => now - savedAt >= idleMs);
      for (const [session] of old) kept.delete(session);
      return old.length;
    },
  };
}
