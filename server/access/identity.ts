/** Whose a credential is. */
export type Identity = {
  /** The same for every credential of one client; sessions belong to it and limits count by it. Empty: nobody is asked. */
  readonly id: string;
  /** What logs call it: the name of a key. Subjects of tokens may be people, and are not logged. */
  readonly name?: string;
};

export const ANYBODY: Identity = { id: '' };

/**
 * Whose a credential was at `at`, default now: only its age is looked at as of then. Resolves to `undefined` for what is no
 * credential here. Rejects with `access/...` where it cannot be told now.
 */
export type Authenticate = (credential: string, at?: Date) => Promise<Identity | undefined>;
