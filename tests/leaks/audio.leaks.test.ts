import { setImmediate } from 'node:timers/promises';

import { expect, test } from 'vitest';

import { createLogMel } from '../../src/audio/log-mel.ts';
import { readAudio } from '../../src/audio/read-audio.ts';
import { SPEECH_FEATURES } from '../../src/model/speech-features.ts';
import { createRunningMean } from '../../src/audio/running-mean.ts';
import { fmt, riff } from '../audio/wav-file.ts';

const SECONDS = { warmUp: 20, total: 120 };
const MEGABYTE = 2 ** 20;

/** A WAV stream without a length: two channels of mu-law noise at 8 kHz, in packets of 20 ms. */
function* packets(seconds: number): Generator<Uint8Array> {
  yield riff([
    fmt({ tag: 7, channelCount: 2, sampleRate: 8000, bits: 8 }),
    { name: 'data', size: 0, content: new Uint8Array(0) },
  ]);
  for (let packet = 0; packet < 50 * seconds; packet++) {
    yield Uint8Array.from({ length: 320 }, (_, index) => (packet * 31 + index * 17) % 256);
  }
}

/** Buffers are freed in the background after a collection, so the least of several measurements is taken. */
async function heldBytes(): Promise<number> {
  if (globalThis.gc === undefined) throw new Error('Expected node to run with --expose-gc');
  const seen: number[] = [];
  for (let round = 0; round < 10; round++) {
    globalThis.gc();
    await setImmediate();
    const { heapUsed, arrayBuffers } = process.memoryUsage();
    seen.push(heapUsed + arrayBuffers);
  }
  return Math.min(...seen);
}

test('two minutes of telephony through reader, resampler and features hold no more memory than twenty seconds', async () => {
  const logMel = createLogMel(SPEECH_FEATURES);
  const runningMean = createRunningMean({ bands: 40, frameRate: 100, timeConstantSeconds: 1.5, scale: 3 });
  let frameCount = 0;
  let warm: number | undefined;
  for await (const samples of readAudio(packets(SECONDS.total), { sampleRate: 16_000 })) {
    frameCount += runningMean.push(logMel.push(samples)).length / 40;
    if (frameCount >= 100 * SECONDS.warmUp) warm ??= await heldBytes();
  }
  const end = await heldBytes();
  expect(frameCount).toBe(100 * SECONDS.total - 2);
  expect(warm).toBeDefined();
  expect(end - (warm ?? 0)).toBeLessThan(MEGABYTE);
});
