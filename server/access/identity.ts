/** Whose a credential is. */
export type Identity = {
  /**
   * Identifies a client, whatever credential it uses; sessions belong to it and limits count by it. Empty where clients
   * are not identified.
   */
  readonly id: string;
  /** Name of the client in logs: that of its key. Subjects of tokens may be people, and are not logged. */
  readonly name?: string;
};

export const ANYBODY: Identity = { id: '' };

/**
 * Whose a credential was at `at`, default now: only its age is looked at as of then. Resolves to `undefined` for what is no
 * credential here. Rejects with `access/...` where it cannot be told now.
 */
export type Authenticate = (credential: string, at?: Date) => Promise<Identity | undefined>;
