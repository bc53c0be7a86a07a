import { stdin } from 'node:process';

import { PullObservable } from '../pull-observable.ts';

/** The bytes of standard input, which can be read once; put `pcm` or `audio` behind it. */
export function standardInput(): PullObservable<Uint8Array> {
  return new PullObservable((signal) => {
    signal.addEventListener('abort', () => stdin.destroy(), { once: true }); // a terminal that says no more would keep the process
    return stdin;
  });
}
