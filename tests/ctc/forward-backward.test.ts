import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';

import { ctcForwardBackward } from '../../src/ctc/forward-backward.ts';

const CLASSES = 4;

/** The definition: every path of T classes, merged and stripped of blanks, weighed by its probability. */
function lossByEnumeration(logits: readonly number[], labels: readonly number[]): number {
  const frames = logits.length / CLASSES;
  const probabilities: number[] = [];
  for (let frame = 0; frame < frames; frame++) {
    const row = logits.slice(frame * CLASSES, (frame + 1) * CLASSES).map((logit) => Math.exp(logit));
    const sum = row.reduce((a, b) => a + b, 0);
    probabilities.push(...row.map((value) => value / sum));
  }
  let total = 0;
  for (let code = 0; code < CLASSES ** frames; code++) {
    const path = Array.from({ length: frames }, (_, frame) => Math.floor(code / CLASSES ** frame) % CLASSES);
    const collapsed = path.filter((id, frame) => id !== 0 && id !== path[frame - 1]);
    if (collapsed.join() === labels.join()) {
      total += path.reduce((product, id, frame) => product * (probabilities[frame * CLASSES + id] ?? Number.NaN), 1);
    }
  }
  return -Math.log(total);
}

function lossOf(logits: readonly number[], labels: readonly number[]): number {
  return ctcForwardBackward(Float32Array.from(logits), CLASSES, labels, new Float32Array(logits.length));
}

const cases = fc.record({
  logits: fc.integer({ min: 0, max: 5 }).chain((frames) =>
    fc.array(fc.float({ min: -8, max: 8, noNaN: true }), {
      minLength: frames * CLASSES,
      maxLength: frames * CLASSES,
    }),
  ),
  labels: fc.array(fc.integer({ min: 1, max: CLASSES - 1 }), { maxLength: 4 }),
});

describe('ctcForwardBackward', () => {
  test('sums the probability of every path that the labelling allows', () => {
    fc.assert(
      fc.property(cases, ({ logits, labels }) => {
        expect(lossOf(logits, labels)).toBeCloseTo(lossByEnumeration(logits, labels), 9); // or both Infinity
      }),
      { numRuns: 300 },
    );
  });

  test('writes the derivative that finite differences give', () => {
    fc.assert(
      fc.property(cases, ({ logits, labels }) => {
        const gradient = new Float32Array(logits.length);
        fc.pre(Number.isFinite(ctcForwardBackward(Float32Array.from(logits), CLASSES, labels, gradient)));
        for (let i = 0; i < logits.length; i++) {
          const step = 2 ** -7; // added to a logit of at most 8 it loses nothing in float32
          const moved = (by: number): number => lossOf(logits.with(i, Math.fround((logits[i] ?? 0) + by)), labels);
          const width = Math.fround((logits[i] ?? 0) + step) - Math.fround((logits[i] ?? 0) - step);
          expect(gradient[i]).toBeCloseTo((moved(step) - moved(-step)) / width, 4);
        }
      }),
      { numRuns: 100 },
    );
  });

  test('has a gradient whose rows sum to 0, for the softmax does not see a constant', () => {
    const logits = Float32Array.from({ length: 40 * CLASSES }, (_, i) => Math.sin(i * i));
    const gradient = new Float32Array(logits.length);
    ctcForwardBackward(logits, CLASSES, [1, 1, 3, 2], gradient);
    for (let frame = 0; frame < 40; frame++) {
      const row = gradient.subarray(frame * CLASSES, (frame + 1) * CLASSES);
      expect(row.reduce((a, b) => a + b, 0)).toBeCloseTo(0, 6);
    }
  });

  test('neither under- nor overflows where every path is hopeless', () => {
    const frames = 3000;
    // Label 1 is asked for, and e^-300 times as likely as label 2 at each frame: far below what a float64 holds.
    const logits = Float32Array.from({ length: frames * CLASSES }, (_, i) => (i % CLASSES === 2 ? 300 : 0));
    const gradient = new Float32Array(logits.length);
    const loss = ctcForwardBackward(logits, CLASSES, [1], gradient);
    // All frames blank or label 1, label 1 in one run: T (T + 1) / 2 paths of probability e^-300 a frame.
    expect(loss).toBeCloseTo(300 * frames - Math.log((frames * (frames + 1)) / 2), 6);
    expect(gradient.every(Number.isFinite)).toBe(true);
    expect(gradient[2]).toBeCloseTo(1, 6);
  });

  test('keeps a path that dips under the range of a float64 and comes back', () => {
    // Three frames that make label 1 e^-800 as likely as the blank; no other frame may hold it.
    const logits = Float32Array.from({ length: 3 * CLASSES }, (_, i) =>
      i % CLASSES === 1 ? -800 : i % CLASSES === 0 ? 0 : -1e9,
    );
    expect(ctcForwardBackward(logits, CLASSES, [1], new Float32Array(logits.length))).toBeCloseTo(800 - Math.log(3), 9);
  });

  test('takes a masked class as impossible', () => {
    for (const mask of [-Infinity, -1e30]) {
      const logits = Float32Array.from({ length: 3 * CLASSES }, (_, i) => (i % CLASSES === 1 ? mask : 0));
      const gradient = new Float32Array(logits.length);
      expect(ctcForwardBackward(logits, CLASSES, [1], gradient)).toBe(Number.POSITIVE_INFINITY);
      expect(gradient.every((value) => value === 0)).toBe(true);
    }
  });

  test('passes a NaN on instead of hiding it', () => {
    const logits = new Float32Array(3 * CLASSES);
    logits[5] = Number.NaN;
    expect(ctcForwardBackward(logits, CLASSES, [1], new Float32Array(logits.length))).toBeNaN();
  });

  test('needs one frame a label and one more a repeat', () => {
    expect(
      lossOf(
        Array.from({ length: 2 * CLASSES }, () => 0),
        [1, 1],
      ),
    ).toBe(Number.POSITIVE_INFINITY);
    expect(
      lossOf(
        Array.from({ length: 3 * CLASSES }, () => 0),
        [1, 1],
      ),
    ).toBeCloseTo(3 * Math.log(CLASSES), 9);
    expect(
      lossOf(
        Array.from({ length: 2 * CLASSES }, () => 0),
        [1, 2],
      ),
    ).toBeCloseTo(2 * Math.log(CLASSES), 9);
  });
});
