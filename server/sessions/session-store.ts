import type { SessionRecord } from './session-record.ts';

/** Keeps sessions while their client is away, or their server. */
export type SessionStore = {
  /** The latest record of a session, or `undefined` where there is none. Throws `session/damaged`. */
  load(session: string): Promise<SessionRecord | undefined>;
  /**
   * Keeps `record` durably: once this resolves, `load` gives it even after the process is killed. `from`: the record of
   * another owner, as it was loaded, which this one takes the session over from.
   *
   * Throws `session/fenced` where another owner goes on with the session, and this one must stop. Where the records are
   * gone, nobody does: `record` is saved anew. Throws `session/store` where the medium refuses; what was saved before is
   * still there, and the same record may be tried again.
   */
  save(record: SessionRecord, from?: SessionRecord): Promise<Saved>;
  /** Forgets a session; one that is unknown is no error. */
  remove(session: string): Promise<void>;
  /**
   * Forgets the sessions that were not saved for `idleMs`, or have been known to this store for so long without being saved;
   * resolves to how many. Measured by a clock that nobody can set.
   */
  expire(idleMs: number): Promise<number>;
};

export type Saved = {
  /** Revision that the record got: its own, or a higher one. */ readonly revision: number;
  /** Bytes that the record takes. */ readonly bytes: number;
  /** Whether what the owner had saved before was gone from the store. */ readonly wasLost: boolean;
};
