import { expect, test } from 'vitest';

import { createTimeline } from '../../../cli/picture/timeline.ts';

test('a short recording is kept frame by frame', () => {
  const timeline = createTimeline(2, 4);
  timeline.push(Float32Array.of(1, 10, 2, 20, 3, 30));
  expect([...timeline.columns()]).toEqual([1, 10, 2, 20, 3, 30]);
});

test('a long recording becomes means over equal stretches, within twice the resolution', () => {
  const timeline = createTimeline(1, 4);
  for (let frame = 0; frame < 100; frame++) timeline.push(Float32Array.of(frame));
  // 100 frames do not fit 8 columns of 8 frames: 16 frames a column, the last one not full.
  expect([...timeline.columns()]).toEqual([7.5, 23.5, 39.5, 55.5, 71.5, 87.5, 97.5]);
});

test('columns do not depend on how the frames were cut', () => {
  const frames = Float32Array.from({ length: 300 }, (_, index) => Math.sin(index));
  const whole = createTimeline(3, 5);
  whole.push(frames);
  const cut = createTimeline(3, 5);
  for (let offset = 0; offset < frames.length; offset += 21) cut.push(frames.subarray(offset, offset + 21));
  expect(cut.columns()).toEqual(whole.columns());
});
