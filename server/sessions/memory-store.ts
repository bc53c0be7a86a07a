import { HearkenError } from '../../src/errors.ts';
import { decodeRecord, encodeRecord } from './session-record.ts';
import type { SessionStore } from './session-store.ts';

/** Sessions that survive a lost connection, but not the process. */
export function createMemoryStore(): SessionStore {
  const kept = new Map<string, { readonly bytes: Uint8Array; readonly revision: number; readonly savedAt: number }>();
  return {
    load: async (session) => {
      const found = kept.get(session);
      return found === undefined ? undefined : decodeRecord(found.bytes);
    },
    save: async (record) => {
      const latest = kept.get(record.session)?.revision ?? 0;
      if (record.revision !== latest + 1) throw fenced(record.revision, latest);
      const bytes = encodeRecord(record);
      kept.set(record.session, { bytes, revision: record.revision, savedAt: performance.now() });
      return bytes.length;
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

/** What an owner is told who has lost the session to another. */
export function fenced(revision: number, latest: number): HearkenError {
  return new HearkenError('session/fenced', `Expected to save revision ${latest + 1} of the session, got ${revision}`);
}
