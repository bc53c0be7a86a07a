/**
 * Patterns: regular expressions over what is written, as the minimal automaton of whole texts that match. Parsed by regexpp, made
 * deterministic and minimal by refa; what regular expressions of JavaScript can do and finite automata cannot is refused,
 * with its place.
 */
import { type AST, RegExpParser, RegExpSyntaxError, visitRegExpAST } from '@eslint-community/regexpp';
import { DFA, JS, NFA, TooManyNodesError } from 'refa';

import { HearkenError } from '../errors.ts';
import { shortened } from '../text/shortened.ts';

/** The texts that match a pattern from their first character to their last: states are numbered from 0, the start. */
export type WrittenAutomaton = {
  readonly stateCount: number;
  readonly isFinal: (state: number) => boolean;
  /** State after one UTF-16 unit; `undefined` where no text that matches goes on with it. */
  readonly next: (state: number, unit: number) => number | undefined;
  /** The ranges of units, inclusive, that some text that matches holds. */
  readonly ranges: readonly { readonly min: number; readonly max: number }[];
};

/** Characters of the longest pattern. */
const LONGEST_PATTERN = 10_000;

/** States of the largest automaton: a pattern repeats at most so much. */
const MOST_STATES = 50_000;

/** See `assertQuickPattern`. */
const MOST_QUICK_STATES = 1_000;

/**
 * The automaton of `pattern`, a regular expression of JavaScript without flags: characters, classes, groups, alternatives and
 * repeats. It is matched against whole texts; `^` at its beginning and `$` at its end may stand there.
 *
 * Throws `grammar/pattern`, with the column from 1, on what is no regular expression, on assertions and on back references;
 * `grammar/too-large`.
 */
export function writtenAutomaton(pattern: string): WrittenAutomaton {
  if (pattern.length > LONGEST_PATTERN) throw tooLarge(`${LONGEST_PATTERN} characters`);
  const source = withoutAnchors(pattern);
  const dfa = minimalDfa(pattern, source);
  const nodes = [dfa.initial, ...[...dfa.nodes()].filter((node) => node !== dfa.initial)];
  const numbers = new Map(nodes.map((node, index) => [node, index]));
  const finals = nodes.map((node) => dfa.finals.has(node));
  return {
    stateCount: nodes.length,
    isFinal: (state) => finals[state] === true,
    next: (state, unit) => {
      const node = nodes[state]?.out.get(unit);
      return node && numbers.get(node);
    },
    ranges: nodes.flatMap(({ out }) => [...out.keys()].map(({ min, max }) => ({ min, max }))),
  };
}

/**
 * Throws as `writtenAutomaton` does, and `grammar/too-large` where the automaton has more than 1,000 states: one of fewer is made in a moment, so that
 * whoever else waits for the same thread may let strangers have it made. Some larger ones take a minute.
 */
export function assertQuickPattern(pattern: string): void {
  if (pattern.length > LONGEST_PATTERN) throw tooLarge(`${LONGEST_PATTERN} characters`);
  minimalDfa(pattern, withoutAnchors(pattern), MOST_QUICK_STATES);
}

function minimalDfa(pattern: string, source: string, most = MOST_STATES): DFA {
  try {
    const parser = JS.Parser.fromLiteral({ source, flags: '' });
    const { expression, maxCharacter } = parser.parse({ maxNodes: most });
    const nfa = NFA.fromRegex(expression, { maxCharacter }, {}, new NFA.LimitedNodeFactory(most));
    const dfa = DFA.fromFA(nfa, new DFA.LimitedNodeFactory(most));
    dfa.minimize();
    if (dfa.isEmpty) throw refused(pattern, 0, 'a pattern that some text matches, got one that none does');
    return dfa;
  } catch (cause) {
    if (!(cause instanceof TooManyNodesError)) throw cause;
    throw tooLarge(`${most} states once its repeats are written out`, cause);
  }
}

/** The pattern without `^` and `$` around it. Throws `grammar/pattern` as `writtenAutomaton` does. */
function withoutAnchors(pattern: string): string {
  const parsed = parse(pattern);
  const [alternative] = parsed.alternatives;
  const elements = parsed.alternatives.length === 1 && alternative ? alternative.elements : [];
  const [first, last] = [elements[0], elements.at(-1)];
  const opening = first?.type === 'Assertion' && first.kind === 'start' ? first : undefined;
  const closing = last?.type === 'Assertion' && last.kind === 'end' ? last : undefined;
  visitRegExpAST(parsed, {
    onAssertionEnter: (node) => {
      if (node !== opening && node !== closing) throw refused(pattern, node.start, assertionAdvice(node));
    },
    onBackreferenceEnter: ({ start, raw }) => {
      throw refused(pattern, start, `no reference back to a group, which no finite automaton can follow, got ${raw}`);
    },
    onQuantifierEnter: ({ greedy, end, raw }) => {
      if (!greedy) throw refused(pattern, end - 1, `no lazy repeat, since whole texts are matched, got ${raw}`);
    },
  });
  return pattern.slice(opening?.end ?? 0, closing?.start ?? pattern.length);
}

function parse(pattern: string): AST.Pattern {
  try {
    return new RegExpParser({ ecmaVersion: 2024 }).parsePattern(pattern, 0, pattern.length, {
      unicode: false,
      unicodeSets: false,
    });
  } catch (cause) {
    if (!(cause instanceof RegExpSyntaxError)) throw cause;
    const what = cause.message.replace(/^Invalid regular expression: /, '').replace(/^\/.*\/: /s, '');
    throw refused(pattern, cause.index, `a regular expression, got one with a fault (${what})`, cause);
  }
}

function assertionAdvice({ kind, raw }: AST.Assertion): string {
  if (kind === 'start' || kind === 'end') return `${raw} only around the whole pattern, got it inside`;
  return `no assertion, which no finite automaton of what is written can follow, got ${raw}`;
}

function refused(pattern: string, index: number, expected: string, cause?: unknown): HearkenError {
  const place = `column ${index + 1} of the pattern ${shortened(pattern)}`;
  return new HearkenError('grammar/pattern', `Expected ${expected} (${place})`, { cause });
}

function tooLarge(most: string, cause?: unknown): HearkenError {
  return new HearkenError('grammar/too-large', `Expected a pattern of at most ${most}, got more`, { cause });
}
