/** What a client sent and nobody has looked at yet: a queue bounded in bytes that pauses its source. */
export type InboxOptions = {
  /** Bytes at which the source is paused. */ readonly highMark: number;
  /** Bytes at which it goes on. */ readonly lowMark: number;
  readonly pause: () => void;
  readonly resume: () => void;
};

export type Inbox<T> = {
  readonly put: (message: T, bytes: number) => void;
  /** No more is put. What is there already can still be taken. */ readonly end: () => void;
  /** As `end`, and nothing that is there is taken either. */ readonly discard: () => void;
  /** The messages, each once, in order. For one reader. */ readonly messages: AsyncIterable<T>;
};

/** Counted for each message beside its bytes: an empty one takes room too. */
const MESSAGE_BYTES = 64;

export function createInbox<T>({ highMark, lowMark, pause, resume }: InboxOptions): Inbox<T> {
  const queue: { readonly message: T; readonly bytes: number }[] = [];
  let queuedBytes = 0;
  let isPaused = false;
  let hasEnded = false;
  let wake = (): void => {};

  async function* take(): AsyncGenerator<T, void, undefined> {
    while (true) {
      const next = queue.shift();
      if (next === undefined) {
        if (hasEnded) return;
        await new Promise<void>((resolve) => {
          wake = resolve;
        });
        continue;
      }
      queuedBytes -= next.bytes;
      if (isPaused && queuedBytes <= lowMark) {
        isPaused = false;
        resume();
      }
      yield next.message;
    }
  }

  return {
    put: (message, bytes) => {
      if (hasEnded) return;
      queue.push({ message, bytes: bytes + MESSAGE_BYTES });
      queuedBytes += bytes + MESSAGE_BYTES;
      if (!isPaused && queuedBytes >= highMark) {
        isPaused = true;
        pause();
      }
      wake();
    },
    end: () => {
      hasEnded = true;
      wake();
    },
    discard: () => {
      hasEnded = true;
      queue.length = 0;
      wake();
    },
    messages: { [Symbol.asyncIterator]: take },
  };
}
