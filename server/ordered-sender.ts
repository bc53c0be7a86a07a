/** Replies leave in the order in which they were promised, whichever is known first. */
export type OrderedSender<T> = {
  /** Promises a reply. Resolves when another may be promised: at once, unless many are still owed. */
  readonly add: (reply: Promise<T>) => Promise<void>;
  /** Resolves when everything promised so far has been sent. Rejects with what kept a reply from being made. */
  readonly sent: () => Promise<void>;
  /** Rejects with what kept a reply from being made, or stays open. */ readonly failed: Promise<never>;
};

/** Replies owed at once: bounds what a client that does not read can pile up. */
const MAXIMUM_PENDING = 512;

export function createOrderedSender<T>(send: (reply: T) => Promise<void>): OrderedSender<T> {
  let last = Promise.resolve();
  let pending = 0;
  let fail = (_reason: unknown): void => {};
  const failed = new Promise<never>((_, reject) => {
    fail = reject;
  });
  return {
    failed,
    sent: () => last,
    add: async (reply) => {
      const before = last;
      pending++;
      reply.catch(() => {}); // told below, in its turn
      last = before.then(async () => send(await reply));
      last.then(() => pending--, fail);
      if (pending >= MAXIMUM_PENDING) await before;
    },
  };
}
