import type { SessionRecord } from './session-record.ts';

/** Where sessions are kept while their client is away, or their server. */
export type SessionStore = {
  /** The latest record of a session, or `undefined` where there is none. Throws `session/damaged`. */
  load(session: string): Promise<SessionRecord | undefined>;
  /**
   * Keeps `record` durably: once this resolves, `load` gives it even after the process is killed. Throws
   * `session/fenced` unless `record.revision` is one more than the latest: somebody else goes on with the session, and
   * this owner must stop. Throws `session/store` where the medium refuses; what was saved before is still there, and the
   * same revision may be tried again. Resolves to the bytes that the record took.
   */
  save(record: SessionRecord): Promise<number>;
  /** Forgets a session; one that is unknown is no error. */
  remove(session: string): Promise<void>;
  /**
   * Forgets the sessions that were not saved for `idleMs`, or have been known to this store for so long without being saved;
   * resolves to how many. Measured by a clock that nobody can set.
   */
  expire(idleMs: number): Promise<number>;
};
