import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';

import { compileRules } from '../../src/grammar/compile-rules.ts';
import type { Expansion, RuleSet } from '../../src/grammar/expansion.ts';
import { parseGrxml } from '../../src/grammar/grxml.ts';
import { parseJsgf } from '../../src/grammar/jsgf.ts';
import { type GrammarWalk, walkOf } from '../../src/grammar/walk.ts';

const WORDS = ['a', 'bee', 'sea'];
const MOST_WORDS = 4;

/** What an expansion lets be said, of at most `MOST_WORDS` words, with the best weight and what is then written, piece by piece. */
type Said = Map<
  string,
  { readonly words: readonly string[]; readonly pieces: readonly string[]; readonly weight: number }
>;

const keyOf = (words: readonly string[], pieces: readonly string[]): string => JSON.stringify([words, pieces]);

function add(said: Said, words: readonly string[], pieces: readonly string[], weight: number): void {
  const known = said.get(keyOf(words, pieces));
  if (words.length > MOST_WORDS || weight === -Infinity || (known && known.weight >= weight)) return;
  said.set(keyOf(words, pieces), { words, pieces, weight });
}

function chained(first: Said, second: Said, weight = 0): Said {
  const said: Said = new Map();
  for (const a of first.values()) {
    for (const b of second.values()) {
      add(said, [...a.words, ...b.words], [...a.pieces, ...b.pieces], a.weight + b.weight + weight);
    }
  }
  return said;
}

const NOTHING: Said = new Map([[keyOf([], []), { words: [], pieces: [], weight: 0 }]]);

/** By the definition of each kind of expansion. */
function enumerate(expansion: Expansion, rules: RuleSet['rules'], depth = 0): Said {
  const said: Said = new Map();
  if (depth > 12) return said; // rules that begin anew: each time they have said a word, of which there are few
  switch (expansion.type) {
    case 'word':
      add(said, [expansion.word], [expansion.word], 0);
      return said;
    case 'sequence':
      return expansion.parts.map((part) => enumerate(part, rules, depth)).reduce((a, b) => chained(a, b), NOTHING);
    case 'choice': {
      const best = Math.max(...expansion.options.map(({ logWeight }) => logWeight));
      for (const { expansion: option, logWeight } of expansion.options) {
        for (const { words, pieces, weight } of enumerate(option, rules, depth).values()) {
          add(said, words, pieces, weight + logWeight - best);
        }
      }
      return said;
    }
    case 'repeat': {
      const { of, min, max, probability } = expansion;
      const [more, stop] = probability === undefined ? [0, 0] : [Math.log(probability), Math.log1p(-probability)];
      const once = enumerate(of, rules, depth);
      let times = NOTHING;
      for (let count = 0; count <= Math.min(max, min + MOST_WORDS + 1); count++) {
        const ending = count < max ? stop : 0;
        if (count >= min)
          for (const { words, pieces, weight } of times.values()) add(said, words, pieces, weight + ending);
        times = chained(times, once, count >= min ? more : 0);
      }
      return said;
    }
    case 'rule':
      return enumerate(rules.get(expansion.name)!, rules, depth + 1);
    case 'tagged':
    default:
      for (const { words, weight } of enumerate(expansion.of, rules, depth).values())
        add(said, words, [expansion.tag], weight);
      return said;
  }
}

const at = 0;
const { expansion: expansions } = fc.letrec<{ expansion: Expansion }>((tie) => ({
  expansion: fc.oneof(
    { maxDepth: 3, withCrossShrink: true },
    { weight: 3, arbitrary: fc.constantFrom(...WORDS).map((word): Expansion => ({ type: 'word', word, at })) },
    fc.constantFrom<Expansion>({ type: 'rule', name: 'inner', at }, { type: 'sequence', parts: [] }),
    fc.array(tie('expansion'), { minLength: 1, maxLength: 3 }).map((parts): Expansion => ({ type: 'sequence', parts })),
    fc.array(fc.tuple(tie('expansion'), fc.constantFrom(-1, 0, 2, -Infinity)), { minLength: 1, maxLength: 3 }).map(
      (some): Expansion => ({
        type: 'choice',
        options: [...some, [{ type: 'word', word: 'a', at }, 0] as const].map(([expansion, logWeight]) => ({
          expansion,
          logWeight,
        })),
      }),
    ),
    fc
      .tuple(tie('expansion'), fc.nat(2), fc.constantFrom(0, 1, Infinity), fc.constantFrom(undefined, 0, 0.25, 1))
      .map(
        ([of, min, more, probability]): Expansion => ({ type: 'repeat', of, min, max: min + more, probability, at }),
      ),
    fc.tuple(tie('expansion'), fc.constantFrom('T', 'tag', '')).map(
      ([of, tag]): Expansion => ({
        type: 'tagged',
        of: { type: 'sequence', parts: [{ type: 'word', word: 'bee', at }, of] },
        tag,
      }),
    ),
  ),
}));

const labelOf = (word: string): number | undefined => WORDS.indexOf(word) + 1 || undefined;

function walkOfRules(rules: RuleSet): GrammarWalk {
  return walkOf(compileRules(rules, labelOf));
}

/** Pieces as they are written: single characters close together, everything else apart. */
function written(pieces: readonly string[]): string {
  const some = pieces.filter((piece) => piece !== '');
  return some.reduce(
    (text, piece, index) => text + (index > 0 && (piece.length > 1 || some[index - 1]!.length > 1) ? ' ' : '') + piece,
    '',
  );
}

describe('rules', () => {
  test('let be said exactly what they define, with the weight and the writing of the best way', () => {
    fc.assert(
      fc.property(expansions, expansions, (start, inner) => {
        const withWord: Expansion = {
          type: 'choice',
          options: [start, { type: 'word', word: 'sea', at } as const].map((expansion) => ({
            expansion,
            logWeight: 0,
          })),
        };
        const rules = { name: 'test', rules: new Map([['inner', replaced(inner)]]), start: withWord, placeOf: String };
        const expected = enumerate(withWord, rules.rules);
        const walk = walkOfRules(rules);
        for (const words of sequences()) {
          const ways = [...expected.values()].filter((way) => way.words.join() === words.join());
          const labels = words.map((word) => labelOf(word)!);
          const readings = walk.readings(labels, 1_000).filter(({ complete }) => complete);
          const state = walk.follow(labels)?.state;
          expect([words, state !== undefined && walk.isComplete(state)]).toEqual([words, ways.length > 0]);
          const best = new Map<string, number>();
          for (const { pieces, weight } of ways)
            best.set(written(pieces), Math.max(weight, best.get(written(pieces)) ?? -Infinity));
          const found = new Map(readings.map((reading) => [reading.written, reading.weight]));
          expect([words, [...found.keys()].toSorted()]).toEqual([words, [...best.keys()].toSorted()]);
          for (const [text, weight] of best) expect(found.get(text)).toBeCloseTo(weight, 9);
        }
      }),
      { numRuns: 150 },
    );
  });

  test('that refer to themselves at their end begin anew there', () => {
    const { readings } = walkOfRules(
      parseJsgf('#JSGF V1.0; grammar g; public <s> = a | bee and <s>;'.replace('and', 'sea')),
    );
    expect(readings([2, 3, 2, 3, 1], 1)).toEqual([{ written: 'bee sea bee sea a', weight: 0, complete: true }]);
    expect(readings([2, 3, 2, 3], 1)[0]?.complete).toBe(false);
  });

  test.each([
    ['elsewhere than at its end', 'public <s> = a | <s> bee;', 'line 1, column 41'],
    ['inside a tag', 'public <s> = a | bee (<s>) {x};', 'line 1, column 46'],
    ['that repeats', 'public <s> = a | bee <s>*;', 'line 1, column 45'],
  ])('that refer to themselves %s are refused', (_, body, place) => {
    const compile = (): unknown => walkOfRules(parseJsgf(`#JSGF V1.0; grammar g; ${body}`));
    expect(compile).toThrow(expect.objectContaining({ code: 'grammar/rule', message: expect.stringContaining(place) }));
  });

  test('that are not there, and words that the model does not know, are told with their place', () => {
    const unknownRule = (): unknown => walkOfRules(parseJsgf('#JSGF V1.0; grammar g;\npublic <size> = a <sizes>;'));
    const advice = expect.stringMatching(/<sizes> \(line 2, column 19\): did you mean size\?$/);
    expect(unknownRule).toThrow(expect.objectContaining({ code: 'grammar/rule', message: advice }));
    const unknownWord = (): unknown =>
      walkOfRules(parseGrxml('<grammar root="r">\n <rule id="r">a dee</rule></grammar>'));
    const place = expect.stringContaining("'dee' (line 2");
    expect(unknownWord).toThrow(expect.objectContaining({ code: 'grammar/unknown-word', message: place }));
  });

  test('of which nothing can be said are refused', () => {
    const compile = (): unknown => walkOfRules(parseJsgf('#JSGF V1.0; grammar g; public <s> = a <VOID>;'));
    expect(compile).toThrow(expect.objectContaining({ code: 'grammar/unspoken' }));
  });

  test('that would write a tag for ever while nothing is said are refused', () => {
    const compile = (): unknown => walkOfRules(parseJsgf('#JSGF V1.0; grammar g; public <s> = a ([bee] {x})*;'));
    expect(compile).toThrow(expect.objectContaining({ code: 'grammar/rule' }));
  });

  test('that would be written out to more states than may be held are refused', () => {
    const rules = Array.from({ length: 30 }, (_, index) => `<r${index + 1}> = <r${index}> <r${index}>;`).join(' ');
    const compile = (): unknown =>
      walkOfRules(parseJsgf(`#JSGF V1.0; grammar g; <r0> = a; ${rules} public <s> = <r30>;`));
    expect(compile).toThrow(expect.objectContaining({ code: 'grammar/too-large' }));
  });
});

/** Without references, so that a rule does not refer to itself. */
function replaced(expansion: Expansion): Expansion {
  return JSON.parse(
    JSON.stringify(expansion, (_, value: unknown) =>
      value === Infinity ? 'Infinity' : value === -Infinity ? '-Infinity' : value,
    ),
    (_, value: { type?: string }) => {
      if (value === ('Infinity' as unknown) || value === ('-Infinity' as unknown)) return Number(value);
      return value?.type === 'rule' ? { type: 'word', word: 'sea', at } : value;
    },
  ) as Expansion;
}

function sequences(): string[][] {
  let last: string[][] = [[]];
  const all = [...last];
  for (let length = 1; length <= MOST_WORDS; length++) {
    last = last.flatMap((words) => WORDS.map((word) => [...words, word]));
    all.push(...last);
  }
  return all;
}
