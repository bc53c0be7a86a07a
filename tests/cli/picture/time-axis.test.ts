import { expect, test } from 'vitest';

import { clockFor, timeTicks } from '../../../cli/picture/time-axis.ts';

test.each([
  { duration: 1, labels: ['0.0', '0.2', '0.4', '0.6', '0.8', '1.0'] },
  { duration: 9, labels: ['0', '2', '4', '6', '8'] },
  { duration: 130, labels: ['0:00', '0:30', '1:00', '1:30', '2:00'] },
  { duration: 9_000, labels: ['0:00:00', '0:30:00', '1:00:00', '1:30:00', '2:00:00', '2:30:00'] },
])('$duration s are marked in steps that people read with ease', ({ duration, labels }) => {
  expect(timeTicks(duration, 6).map(({ label }) => label)).toEqual(labels);
});

test.each([0.3, 7, 59, 61, 3_000, 86_400, 1_000_000])('%s s get no more ticks than there is room for', (duration) => {
  expect(timeTicks(duration, 16).length).toBeLessThanOrEqual(17);
});

test.each([
  { duration: 59, written: '3.48', unit: 'seconds' },
  { duration: 60, written: '0:03.48', unit: 'minutes:seconds' },
  { duration: 3_600, written: '0:00:03.48', unit: 'hours:minutes:seconds' },
])('all times of a picture of $duration s are written in one unit', ({ duration, written, unit }) => {
  expect(clockFor(duration).write(3.48, 2)).toBe(written);
  expect(clockFor(duration).unit).toBe(unit);
  const parts = timeTicks(duration, 6).map(({ label }) => label.split(':').length);
  expect(new Set(parts)).toEqual(new Set([unit.split(':').length]));
});

test('a time that rounds up to a minute is written as one', () => {
  expect(clockFor(100).write(59.996, 2)).toBe('1:00.00');
});
