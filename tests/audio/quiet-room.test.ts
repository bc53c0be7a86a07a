import { expect, test } from 'vitest';

import { logMel } from '../../src/audio/log-mel.ts';
import { createQuietRoom } from '../../src/audio/quiet-room.ts';
import { SPEECH_FEATURES } from '../../src/model/speech-features.ts';
import { Random } from '../../src/tensor/random.ts';

const hear = createQuietRoom(SPEECH_FEATURES);
const bands = SPEECH_FEATURES.bandCount;

/** Frames of a second whose samples `draw` makes, in steps of 16-bit samples. */
function framesOf(draw: (random: Random) => number): Float32Array {
  const random = Random.seeded(2);
  return logMel(
    SPEECH_FEATURES,
    Float32Array.from({ length: 16_000 }, () => draw(random) / 32_768),
  );
}

const mean = (values: Float32Array): number => values.reduce((sum, value) => sum + value, 0) / values.length;

test.each([
  ['zeros', () => 0],
  ['a constant', () => 8],
  ['the last three bits', (random: Random) => random.integer(8) - 4],
])('%s are heard as the quietest room of training', (_, draw) => {
  const heard = hear(framesOf(draw));
  const room = framesOf((random) => 32_768 * 10 ** (-65 / 20) * random.normal());
  for (let start = 0; start < heard.length; start += bands) {
    expect(heard.subarray(start, start + bands)).toEqual(heard.subarray(0, bands));
  }
  expect(mean(heard)).toBeCloseTo(mean(room), 1);
});

test.each([
  ['the last four bits', (random: Random) => random.integer(16) - 8],
  ['a quiet room', (random: Random) => 10 * random.normal()],
])('%s are heard as they are', (_, draw) => {
  const frames = framesOf(draw);
  expect(hear(frames)).toEqual(frames);
});
