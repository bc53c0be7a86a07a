import { setImmediate } from 'node:timers/promises';

import { expect, test } from 'vitest';

import { watchSilence } from '../../client/silence.ts';

test('a process that was itself held up hears what has come meanwhile before it calls that a silence', async () => {
  let silences = 0;
  const watch = watchSilence(40, () => silences++);
  for (let round = 0; round < 3; round++) {
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 100); // no timer and no message is served
    await setImmediate(); // a timer is
    watch.noteMessage();
  }
  watch.stop();
  expect(silences).toBe(0);
});
