import { stdin } from 'node:process';

import { Pulled } from '../pulled.ts';

/** The bytes of standard input, which can be read once; put `pcm` or `audio` behind it. */
export function standardInput(): Pulled<Uint8Array> {
  return new Pulled(() => stdin);
}
