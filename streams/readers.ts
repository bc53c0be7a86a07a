type Result<T> = IteratorResult<T, undefined>;
type Waiting<T> = { readonly resolve: (result: Result<T>) => void; readonly reject: (error: unknown) => void };

export type Ending = 'end' | { readonly error: unknown };

/** Who waits for items that have not come, and what they are told when none will. */
export type Readers<T> = {
  readonly wait: () => Promise<Result<T>>;
  /** Gives the item to the one that has waited longest, if anyone waits. */ readonly hand: (item: T) => boolean;
  /** The first ending counts. */ readonly finish: (how: Ending) => void;
  readonly isOver: () => boolean;
};

export function createReaders<T>(): Readers<T> {
  const waiting: Waiting<T>[] = [];
  let ending: Ending | undefined;
  const tell = ({ resolve, reject }: Waiting<T>, how: Ending): void => {
    if (how === 'end') resolve({ done: true, value: undefined });
    else reject(how.error);
  };
  return {
    wait: () =>
      new Promise((resolve, reject) => {
        if (ending === undefined) waiting.push({ resolve, reject });
        else tell({ resolve, reject }, ending);
      }),
    hand: (item) => {
      const reader = waiting.shift();
      reader?.resolve({ done: false, value: item });
      return reader !== undefined;
    },
    finish: (how) => {
      ending ??= how;
      for (const reader of waiting.splice(0)) tell(reader, ending);
    },
    isOver: () => ending !== undefined,
  };
}
