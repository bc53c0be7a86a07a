import type { SessionStore } from '../../../server/sessions/session-store.ts';

/** A store that tells how much of its sessions is saved: an event to wait for where a stream is to be cut after a save. */
export type CountedStore = SessionStore & {
  /** Samples, or tokens, up to which the session last saved is. */ readonly savedSamples: () => number;
};

export function countSaves(store: SessionStore): CountedStore {
  let samples = 0;
  return {
    ...store,
    save: async (record, ...rest) => {
      const saved = await store.save(record, ...rest);
      samples = record.samples;
      return saved;
    },
    savedSamples: () => samples,
  };
}
