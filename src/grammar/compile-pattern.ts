/** From what may be written to what may be said: each way of speaking becomes a way between the states that its text leads from and to. */
import { HearkenError } from '../errors.ts';
import { shortened } from '../text/shortened.ts';
import { type Automaton, AutomatonBuilder, type Way } from './automaton.ts';
import { writtenAutomaton, type WrittenAutomaton } from './pattern.ts';

export type SpokenPattern = {
  readonly automaton: Automaton;
  /** Characters of ASCII that the pattern may write and no word of the model says: nothing with them is ever heard. */
  readonly unspoken: readonly string[];
};

/**
 * The automaton of what may be said so that what is written matches `pattern` from its first character to its last. Throws what
 * `writtenAutomaton` throws, and `grammar/unspoken` where nothing that matches can be said.
 */
export function compilePattern(pattern: string, ways: readonly Way[]): SpokenPattern {
  const written = writtenAutomaton(pattern);
  const builder = new AutomatonBuilder();
  for (let state = 1; state < written.stateCount; state++) builder.addState();
  for (let state = 0; state < written.stateCount; state++) {
    if (written.isFinal(state)) builder.end(state);
    for (const way of ways) {
      const next = stateAfter(written, state, way.written);
      if (next !== undefined) builder.addWay(state, next, way);
    }
  }
  const automaton = builder.build();
  const unspoken = unspokenCharacters(written, ways);
  if (automaton.arcs[0]!.length === 0) throw saysNothing(pattern, unspoken);
  return { automaton, unspoken };
}

function stateAfter(written: WrittenAutomaton, start: number, text: string): number | undefined {
  let state: number | undefined = start;
  for (let index = 0; index < text.length && state !== undefined; index++) {
    state = written.next(state, text.charCodeAt(index));
  }
  return state;
}

/** First and last printable character of ASCII. */
const PRINTABLE = { min: 0x20, max: 0x7e };

function unspokenCharacters({ ranges }: WrittenAutomaton, ways: readonly Way[]): string[] {
  const spoken = new Set(ways.map(({ written }) => written));
  const unspoken = new Set<string>();
  for (const { min, max } of ranges) {
    for (let unit = Math.max(min, PRINTABLE.min); unit <= Math.min(max, PRINTABLE.max); unit++) {
      const character = String.fromCharCode(unit);
      if (!spoken.has(character)) unspoken.add(character);
    }
  }
  return [...unspoken].toSorted();
}

function saysNothing(pattern: string, unspoken: readonly string[]): HearkenError {
  const lacking = unspoken.length === 0 ? '' : `: it has no word for ${unspoken.join(' ')}`;
  const expected = 'Expected a pattern of which something can be said in words that the model knows';
  return new HearkenError('grammar/unspoken', `${expected}, got ${shortened(pattern)}${lacking}`);
}
