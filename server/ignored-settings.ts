import type { Logger } from 'pino';

/** Tells the log of what a client has set in vain; of each name once a connection. */
export type IgnoredSettings = (names: readonly string[]) => void;

/** Names that one connection can have told: a client makes them up. */
const MOST_NAMES = 16;
/** What counts as a name of a setting in the log, which shows nothing else of what clients send. */
const NAME = /^[\w.[\]=-]{1,64}$/;

export function createIgnoredSettings(log: Logger): IgnoredSettings {
  const reported = new Set<string>();
  return (names) => {
    const fresh = names
      .map((name) => (NAME.test(name) ? name : 'a name of other characters'))
      .filter((name) => !reported.has(name))
      .slice(0, MOST_NAMES - reported.size);
    if (fresh.length === 0) return;
    for (const name of fresh) reported.add(name);
    log.warn({ settings: [...new Set(fresh)] }, 'settings of a client have no effect');
  };
}

/** The names of the parameters of an address, for example `model` of `/v1/realtime?model=en`. */
export function parametersOf(path: string): string[] {
  const [, query = ''] = path.split('?', 2);
  return [...new URLSearchParams(query).keys()];
}
