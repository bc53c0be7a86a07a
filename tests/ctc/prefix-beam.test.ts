import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';

import { createPrefixBeam, type PrefixBeamState } from '../../src/ctc/prefix-beam.ts';
import { naivePrefixBeam } from './naive-prefix-beam.ts';
import { anyRows, cut, enumerateLabels, rowsOf } from './support.ts';

const sizes = fc.array(fc.integer({ min: 0, max: 4 }), { maxLength: 6 });

describe('the prefix beam', () => {
  test('gives every label sequence its exact probability when nothing is pruned', () => {
    fc.assert(
      fc.property(anyRows(2, { min: 0, max: 6 }), (rows) => {
        const beam = createPrefixBeam({ labelCount: 2, beamSize: 4096 });
        beam.push(rows);
        const expected = enumerateLabels(rows);
        const hypotheses = beam.hypotheses();
        expect(hypotheses.length).toBe(expected.size);
        for (const { labels, logProbability } of hypotheses) {
          expect(Math.exp(logProbability)).toBeCloseTo(expected.get(labels.join()) ?? Number.NaN, 12);
        }
      }),
    );
  });

  test('says nothing that is not allowed, and loses nothing that is', () => {
    fc.assert(
      fc.property(anyRows(3, { min: 1, max: 5 }), fc.subarray([1, 2, 3]), (rows, allowed) => {
        const beam = createPrefixBeam({ labelCount: 3, beamSize: 4096, allowed });
        beam.push(rows);
        const found = new Map(beam.hypotheses().map(({ labels, logProbability }) => [labels.join(), logProbability]));
        const expected = enumerateLabels(rows, allowed);
        expect([...found.keys()].toSorted()).toEqual([...expected.keys()].toSorted());
        for (const [labels, probability] of expected)
          expect(Math.exp(found.get(labels) ?? 0)).toBeCloseTo(probability, 12);
      }),
    );
  });

  test('lists distinct sequences, best first, never more than the beam holds, never more probable than they are', () => {
    fc.assert(
      fc.property(anyRows(3, { min: 1, max: 6 }), fc.integer({ min: 1, max: 5 }), (rows, beamSize) => {
        const beam = createPrefixBeam({ labelCount: 3, beamSize });
        beam.push(rows);
        const hypotheses = beam.hypotheses();
        const expected = enumerateLabels(rows);
        const scores = hypotheses.map(({ logProbability }) => logProbability);
        expect(scores).toEqual(scores.toSorted((a, b) => b - a));
        expect(hypotheses.length).toBeLessThanOrEqual(beamSize);
        expect(new Set(hypotheses.map(({ labels }) => labels.join())).size).toBe(hypotheses.length);
        for (const { labels, logProbability } of hypotheses) {
          expect(Math.exp(logProbability)).toBeLessThanOrEqual((expected.get(labels.join()) ?? 0) + 1e-12);
        }
      }),
    );
  });

  test('finds what the naive search finds, bit for bit, whatever the beam', () => {
    const beams = fc.integer({ min: 1, max: 20 });
    fc.assert(
      fc.property(anyRows(4, { min: 0, max: 30 }), beams, fc.subarray([1, 2, 3, 4]), (rows, beamSize, allowed) => {
        const beam = createPrefixBeam({ labelCount: 4, beamSize, allowed });
        beam.push(rows);
        expect(beam.hypotheses()).toEqual(naivePrefixBeam(rows, { beamSize, allowed }));
      }),
    );
  });

  test('does not depend on how the rows were cut, bit for bit', () => {
    fc.assert(
      fc.property(anyRows(3, { min: 0, max: 12 }), sizes, (rows, pieces) => {
        const whole = createPrefixBeam({ labelCount: 3, beamSize: 4 });
        const cutUp = createPrefixBeam({ labelCount: 3, beamSize: 4 });
        whole.push(rows);
        for (const piece of cut(rows, pieces)) cutUp.push(piece);
        expect(cutUp.hypotheses()).toEqual(whole.hypotheses());
      }),
    );
  });

  test('goes on from a snapshot that went through JSON as if nothing had happened', () => {
    fc.assert(
      fc.property(anyRows(3, { min: 0, max: 8 }), anyRows(3, { min: 0, max: 8 }), (before, after) => {
        const options = { labelCount: 3, beamSize: 4 };
        const beam = createPrefixBeam(options);
        beam.push(before);
        const state: PrefixBeamState = JSON.parse(JSON.stringify(beam.snapshot()));
        const resumed = createPrefixBeam(options, state);
        beam.push(after);
        resumed.push(after);
        expect(resumed.hypotheses()).toEqual(beam.hypotheses());
      }),
    );
  });

  test('finds the sequence that is likelier than the one on the best path', () => {
    const beam = createPrefixBeam({ labelCount: 1, beamSize: 16 });
    beam.push(
      rowsOf([
        [0.6, 0.4],
        [0.6, 0.4],
      ]),
    );
    expect(beam.hypotheses()[0]?.labels).toEqual([1]);
    expect(Math.exp(beam.hypotheses()[0]?.logProbability ?? 0)).toBeCloseTo(0.64, 12);
  });

  test('begins with the empty sequence, and no rows change nothing', () => {
    const beam = createPrefixBeam({ labelCount: 2, beamSize: 16 });
    beam.push({ width: 3, data: new Float32Array(0) });
    expect(beam.hypotheses()).toEqual([{ labels: [], logProbability: 0 }]);
  });

  test('has no hypothesis left after a row in which nothing was possible', () => {
    const beam = createPrefixBeam({ labelCount: 1, beamSize: 16 });
    beam.push(
      rowsOf([
        [0, 0],
        [0.5, 0.5],
      ]),
    );
    expect(beam.hypotheses()).toEqual([]);
  });

  test('refuses rows of another width, a NaN, and labels that do not exist', () => {
    const beam = createPrefixBeam({ labelCount: 2, beamSize: 16 });
    expect(() => beam.push(rowsOf([[0.5, 0.5]]))).toThrow('Expected rows of width 3, got 2');
    expect(() => beam.push({ width: 3, data: new Float32Array(4) })).toThrow('Expected `data` of n * 3 numbers, got 4');
    expect(() => beam.push({ width: 3, data: Float32Array.of(0, 0, Number.NaN) })).toThrow(
      'got NaN at row 0, column 2',
    );
    expect(() => createPrefixBeam({ labelCount: 2, beamSize: 16, allowed: [3] })).toThrow(
      'Expected `allowed` to hold label ids in 1..2, got 3',
    );
    expect(() => createPrefixBeam({ labelCount: 2, beamSize: 0 })).toThrow('Expected `beamSize`');
  });
});
