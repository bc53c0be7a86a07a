/**
 * Rules of a grammar as they are written in JSGF, in the XML of SRGS, or as a list of phrases: what each may be expanded to. All of them are
 * read into this form, so that they mean the same.
 *
 * References: Hunt, 2000, "JSpeech Grammar Format", W3C Note; Hunt and McGlashan, 2004, "Speech Recognition Grammar Specification
 * Version 1.0", W3C Recommendation, section 2
 */

export type Expansion =
  /** A word that the model knows. Of it and others `at` says where it stands, for messages: see `RuleSet.placeOf`. */
  | { readonly type: 'word'; readonly word: string; readonly at: number }
  /** One after the other; nothing is said where there are none. */
  | { readonly type: 'sequence'; readonly parts: readonly Expansion[] }
  /** One of them; none can be said where there are none. */
  | { readonly type: 'choice'; readonly options: readonly Option[] }
  | {
      readonly type: 'repeat';
      readonly of: Expansion;
      readonly min: number;
      /** At least `min`; `Infinity` without an end. */ readonly max: number;
      /** Probability, 0 to 1, of each repeat beyond `min`; where none is given, repeating and going on weigh the same: nothing. */
      readonly probability?: number | undefined;
      readonly at: number;
    }
  | { readonly type: 'rule'; readonly name: string; readonly at: number }
  /** `tag` is written in place of all that `of` writes. */
  | { readonly type: 'tagged'; readonly of: Expansion; readonly tag: string };

export type Option = {
  readonly expansion: Expansion;
  /** Natural logarithm of its weight; of the options of one choice only differences count. */ readonly logWeight: number;
};

export type RuleSet = {
  readonly name: string;
  readonly rules: ReadonlyMap<string, Expansion>;
  /** What may be said as a whole. */ readonly start: Expansion;
  /** Where something stands, for example `line 3, column 7`. */ readonly placeOf: (at: number) => string;
};

/** Nothing is said. */
export const EMPTY: Expansion = { type: 'sequence', parts: [] };

/** What cannot be said. */
export const VOID: Expansion = { type: 'choice', options: [] };

/** `parts` one after the other; of one part that part itself. */
export function sequenceOf(parts: readonly Expansion[]): Expansion {
  const [only] = parts;
  return parts.length === 1 && only !== undefined ? only : { type: 'sequence', parts };
}

/** One of `expansions`, all of the same weight. */
export function choiceOf(expansions: readonly Expansion[]): Expansion {
  const [only] = expansions;
  if (expansions.length === 1 && only !== undefined) return only;
  return { type: 'choice', options: expansions.map((expansion) => ({ expansion, logWeight: 0 })) };
}

/** The words of `text`, which white space separates, one after the other. */
export function wordsIn(text: string, at: number): Extract<Expansion, { type: 'word' }>[] {
  return text
    .split(/\s+/)
    .filter((word) => word !== '')
    .map((word) => ({ type: 'word', word, at }));
}

/** Line and column of `offset` in `text`, both from 1. */
export function placeIn(text: string, offset: number): string {
  const before = text.slice(0, offset).split(/\r\n|\n|\r/);
  return `line ${before.length}, column ${before.at(-1)!.length + 1}`; // there is one line at least
}
