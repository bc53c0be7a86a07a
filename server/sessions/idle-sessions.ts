/** Since when sessions have stayed as they are, by a clock that nobody can set: a file's time is worth what the wall clock is. */
export type IdleSessions = {
  /** Milliseconds for which this process has known the session at this revision: 0 at the first look. */
  readonly idleMs: (session: string, revision: number) => number;
  /** Forgets all sessions but these. */ readonly keepOnly: (sessions: ReadonlySet<string>) => void;
};

export function createIdleSessions(): IdleSessions {
  const seen = new Map<string, { readonly revision: number; readonly since: number }>();
  return {
    idleMs: (session, revision) => {
      const now = performance.now();
      const known = seen.get(session);
      if (known?.revision === revision) return now - known.since;
      seen.set(session, { revision, since: now });
      return 0;
    },
    keepOnly: (sessions) => {
      for (const session of seen.keys()) if (!sessions.has(session)) seen.delete(session);
    },
  };
}
