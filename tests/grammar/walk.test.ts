import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';

import { createPrefixBeam, type PrefixBeamState } from '../../src/ctc/prefix-beam.ts';
import { type Automaton, AutomatonBuilder } from '../../src/grammar/automaton.ts';
import { walkInAnyOrder, walkOf } from '../../src/grammar/walk.ts';
import { anyRows, cut, enumerateLabels } from '../ctc/support.ts';

const LABELS = 3;

/** Automata over three labels and silence, not deterministic, with weights and loops. */
const automata: fc.Arbitrary<Automaton> = fc
  .record({
    states: fc.integer({ min: 1, max: 4 }),
    ends: fc.array(fc.nat(3), { minLength: 1, maxLength: 2 }),
    arcs: fc.array(
      fc.tuple(fc.nat(3), fc.nat(LABELS), fc.nat(3), fc.integer({ min: -3, max: 0 }), fc.constantFrom('', 'x', 'y')),
      {
        minLength: 2,
        maxLength: 10,
      },
    ),
  })
  .map(({ states, ends, arcs }) => {
    const builder = new AutomatonBuilder();
    for (let state = 1; state < states; state++) builder.addState();
    for (const end of ends) builder.end(end % states);
    for (const [from, label, to, weight, written] of arcs) {
      // What is silent is never for nothing, or it might be written without an end.
      builder.addArc(from % states, { label, next: to % states, weight: label === 0 ? weight - 1 : weight, written });
    }
    return builder.build();
  });

/** The weight of the best way that says `labels`, to any state or to an end, by trying all ways. */
function bestWeight({ arcs, isFinal }: Automaton, labels: readonly number[], mustEnd: boolean): number | undefined {
  let best: number | undefined;
  const visit = (state: number, at: number, weight: number, silent: number): void => {
    const isThere = at === labels.length && (!mustEnd || isFinal[state] === true);
    if (isThere && (best === undefined || weight > best)) best = weight;
    for (const arc of arcs[state] ?? []) {
      if (arc.label === 0) {
        if (silent < arcs.length) visit(arc.next, at, weight + arc.weight, silent + 1);
      } else if (arc.label === labels[at]) visit(arc.next, at + 1, weight + arc.weight, 0);
    }
  };
  visit(0, 0, 0, 0);
  return best;
}

const sequences = fc.array(fc.integer({ min: 1, max: LABELS }), { maxLength: 4 });

describe('a walk', () => {
  test('follows what some way of the automaton says, with the weight of the best', () => {
    fc.assert(
      fc.property(automata, fc.array(sequences, { maxLength: 10 }), (automaton, some) => {
        const walk = walkOf(automaton);
        for (const labels of some) {
          const expected = bestWeight(automaton, labels, false);
          const found = walk.follow(labels);
          expect(found === undefined).toBe(expected === undefined);
          expect(found?.weight ?? 0).toBeCloseTo(expected ?? 0, 9);
          const isComplete = found !== undefined && walk.isComplete(found.state);
          expect(isComplete).toBe(bestWeight(automaton, labels, true) !== undefined);
        }
      }),
    );
  });

  test('reads what the best way to an end writes', () => {
    fc.assert(
      fc.property(automata, sequences, (automaton, labels) => {
        const [best] = walkOf(automaton).readings(labels, 50);
        const ending = bestWeight(automaton, labels, true);
        const anywhere = bestWeight(automaton, labels, false);
        expect(best?.complete ?? false).toBe(ending !== undefined);
        expect(best === undefined).toBe(anywhere === undefined);
        expect(best?.weight ?? 0).toBeCloseTo(ending ?? anywhere ?? 0, 9);
      }),
    );
  });
});

describe('the prefix beam that walks an automaton', () => {
  test('gives every sequence that it allows its exact probability and weight when nothing is pruned', () => {
    fc.assert(
      fc.property(automata, anyRows(LABELS, { min: 0, max: 4 }), (automaton, rows) => {
        const beam = createPrefixBeam({ labelCount: LABELS, beamSize: 4096, walk: walkOf(automaton) });
        beam.push(rows);
        const expected = new Map<string, number>();
        for (const [key, probability] of enumerateLabels(rows)) {
          const weight = bestWeight(automaton, key === '' ? [] : key.split(',').map(Number), false);
          if (weight !== undefined) expected.set(key, probability * Math.exp(weight));
        }
        const found = new Map(beam.hypotheses().map(({ labels, logProbability }) => [labels.join(), logProbability]));
        expect([...found.keys()].toSorted()).toEqual([...expected.keys()].toSorted());
        for (const [key, probability] of expected) expect(Math.exp(found.get(key) ?? 0)).toBeCloseTo(probability, 12);
      }),
    );
  });

  test('of words in any order is the one without, bit for bit', () => {
    fc.assert(
      fc.property(anyRows(4, { min: 0, max: 20 }), fc.subarray([1, 2, 3, 4]), (rows, allowed) => {
        const walking = createPrefixBeam({ labelCount: 4, beamSize: 5, walk: walkInAnyOrder(allowed) });
        const plain = createPrefixBeam({ labelCount: 4, beamSize: 5, allowed });
        walking.push(rows);
        plain.push(rows);
        expect(walking.hypotheses()).toEqual(plain.hypotheses());
      }),
    );
  });

  test('goes on from a snapshot that went through JSON, with an automaton that was compiled anew', () => {
    fc.assert(
      fc.property(automata, anyRows(LABELS, { min: 0, max: 10 }), fc.nat(10), (automaton, rows, size) => {
        const whole = createPrefixBeam({ labelCount: LABELS, beamSize: 6, walk: walkOf(automaton) });
        whole.push(rows);
        let state: PrefixBeamState | undefined;
        for (const piece of cut(rows, [size])) {
          const beam = createPrefixBeam({ labelCount: LABELS, beamSize: 6, walk: walkOf(automaton) }, state);
          beam.push(piece);
          state = JSON.parse(JSON.stringify(beam.snapshot())) as PrefixBeamState;
        }
        const last = createPrefixBeam({ labelCount: LABELS, beamSize: 6, walk: walkOf(automaton) }, state);
        expect(last.hypotheses()).toEqual(whole.hypotheses());
      }),
    );
  });

  test('refuses a snapshot of what the automaton does not allow', () => {
    const state = { prefixes: [{ labels: [2], blank: null, label: -1 }] };
    const open = () => createPrefixBeam({ labelCount: 2, beamSize: 4, walk: walkInAnyOrder([1]) }, state);
    expect(open).toThrow(expect.objectContaining({ code: 'search/label' }));
  });
});
