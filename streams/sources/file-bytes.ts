import { filePath } from '../../src/arguments.ts';
import { readFileBytes } from '../../src/audio/byte-stream.ts';
import { PullObservable } from '../pull-observable.ts';

/**
 * The bytes of a file, read as fast as they are asked for and anew by each subscription; put `audio`, `pcm` or `channels` behind it. `path` may
 * be a `file:` URL. Gives `audio/no-file` and the like to the subscriber. Throws `option/type`.
 */
export function fileBytes(path: string | URL): PullObservable<Uint8Array> {
  const file = filePath('path', path);
  return new PullObservable(() => readFileBytes(file));
}
