import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

import { expect, onTestFinished, test } from 'vitest';

import { Random } from '../../../src/tensor/random.ts';
import { pcmOf } from '../recordings.ts';
import { expectAlike } from './alike-events.ts';
import { FRAME_BYTES, listenTo } from './native-client.ts';
import { killed, startProcess } from './server-process.ts';

/** `HEARKEN_KILLS=200` for the long form. */
const KILLS = Number(process.env['HEARKEN_KILLS'] ?? 3);

/** Milliseconds: only a server that hangs takes so long. */
const timeout = 120_000 * (1 + KILLS);

/** Compared are offsets, words and times, which are the same, and every number that the model computed (see `expectAlike`). */
test('a server killed at any moment and started again gives every event once and the same', { timeout }, async () => {
  const sessions = await mkdtemp(join(tmpdir(), 'hearken-sessions-'));
  const names = ['phone-number', 'two-numbers', 'pin'];
  const recordings = await Promise.all(names.map((name) => pcmOf(name, 16_000)));
  let server = await startProcess(0, sessions);
  onTestFinished(() => {
    server.child.kill('SIGKILL');
  });
  const url = `ws://127.0.0.1:${server.port}/v1/stream`;
  const attention = true;
  const expected = await Promise.all(recordings.map((pcm) => listenTo(url, pcm, undefined, { attention })));
  const random = Random.seeded(8);
  const frames = recordings.reduce((sum, { length }) => sum + Math.ceil(length / FRAME_BYTES), 0);
  for (let round = 0; round < KILLS; round++) {
    const fatal = 1 + random.integer(frames);
    let sent = 0;
    let fail = (_reason: unknown): void => {};
    const failed = new Promise<never>((_, reject) => {
      fail = reject;
    });
    let restarted: Promise<void> | undefined;
    const restart = async (): Promise<void> => {
      await sleep(50 * random.uniform()); // some of it is being heard
      await killed(server.child);
      server = await startProcess(server.port, sessions);
    };
    const pace = (): Promise<void> => {
      if (++sent === fatal) {
        restarted = restart();
        restarted.catch(fail);
      }
      return sleep(5); // or all would be sent before the server is killed
    };
    const listening = recordings.map((pcm) => listenTo(url, pcm, pace, { attention }));
    const heard = await Promise.race([Promise.all(listening), failed]);
    expect(restarted).toBeDefined();
    await restarted;
    for (const [index, events] of heard.entries()) expectAlike(events, expected[index] ?? []);
  }
});
