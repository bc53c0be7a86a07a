/** The likeliest way through an automaton on which given labels are said, and what is written on it where (Viterbi). */
import { type Arc, type Automaton, SILENT } from './automaton.ts';

/** Something that is written, and the places in the labels by which it was said: from the end of what is written before it. */
export type WrittenPart = {
  readonly written: string /** Place of its first label. */;
  readonly first: number;
  readonly last: number;
};

type Step = {
  readonly weight: number /** Place of the label that was said last, -1 before the first. */;
  readonly place: number;
  readonly arc?: Arc;
  readonly before?: Step;
};

/**
 * What is written on the likeliest way on which `labels` are said from state 0, part by part; of a way that ends where nothing may end, too, where there
 * is none that does. Nothing where they cannot be said.
 */
export function writtenParts(automaton: Automaton, labels: readonly number[]): WrittenPart[] {
  let reached = closed(automaton, new Map([[0, { weight: 0, place: -1 }]]));
  for (const [place, label] of labels.entries()) {
    const next = new Map<number, Step>();
    for (const [state, before] of reached) {
      for (const arc of automaton.arcs[state]!) if (arc.label === label) offer(next, arc, before, place); // a state of it
    }
    reached = closed(automaton, next);
  }
  const complete = [...reached].filter(([state]) => automaton.isFinal[state] === true);
  const ends = (complete.length > 0 ? complete : [...reached]).map(([, step]) => step);
  const best = ends.reduce<Step | undefined>((a, b) => (a === undefined || b.weight > a.weight ? b : a), undefined);
  return partsOf(best);
}

function partsOf(end: Step | undefined): WrittenPart[] {
  const steps: Step[] = [];
  for (let step = end; step?.arc !== undefined; step = step.before) steps.push(step);
  let first = 0;
  return steps.toReversed().flatMap(({ arc, place }) => {
    if (arc === undefined || arc.written === '') return [];
    const part = { written: arc.written, first, last: place };
    first = place + 1;
    return [part];
  });
}

function offer(target: Map<number, Step>, arc: Arc, before: Step, place: number): boolean {
  const weight = before.weight + arc.weight;
  const known = target.get(arc.next);
  if (known !== undefined && known.weight >= weight) return false;
  target.set(arc.next, { weight, place, arc, before });
  return true;
}

/** `reached` and the states that are come to without a label. */
function closed(automaton: Automaton, reached: Map<number, Step>): Map<number, Step> {
  const open = [...reached.keys()];
  for (let state = open.pop(); state !== undefined; state = open.pop()) {
    const before = reached.get(state)!; // it was reached
    for (const arc of automaton.arcs[state]!) {
      if (arc.label === SILENT && offer(reached, arc, before, before.place)) open.push(arc.next);
    }
  }
  return reached;
}
