/**
 * What a model can say: its labels (the CTC and decoder symbols) and the grammars that name which of them may be said
 * and how each is written.
 */
import { HearkenError } from '../errors.ts';
import { nearestName } from './nearest-name.ts';
import { shortened } from './shortened.ts';

/** One label and the word it is written as, for example `{ label: '7', word: 'seven' }`. */
export type GrammarEntry = { readonly label: string; readonly word: string };

/** A model's labels and grammars: plain data, as stored in its `config.json`. */
export type Vocabulary = {
  /** Label `labels[i]` has id `i + 1`; id 0 is the CTC blank and the decoder's start and end symbol. */
  readonly labels: readonly string[];
  readonly grammars: Readonly<Record<string, readonly GrammarEntry[]>>;
  /** Name of the grammar that is used where a caller passes none. */
  readonly defaultGrammar: string;
};

/** A grammar ready for decoding. */
export type Grammar = {
  readonly name: string;
  /** Ids of the labels that may be said, ascending; what a search takes as `allowed`. */
  readonly allowed: readonly number[];
  /** How each allowed label is written, by label id. */
  readonly words: ReadonlyMap<number, string>;
};

/** Throws `vocabulary/invalid` unless the labels are distinct and not empty and the grammars are made of them. */
export function assertVocabulary({ labels, grammars, defaultGrammar }: Vocabulary): void {
  const known = new Set(labels);
  const twice = labels.find((label, index) => labels.indexOf(label) !== index);
  const refuse = (what: string): never => {
    throw new HearkenError('vocabulary/invalid', what);
  };
  if (labels.length === 0) refuse('Expected `labels` to hold at least one label, got none');
  if (known.has('')) refuse(`Expected every label to be a non-empty string, got '' at index ${labels.indexOf('')}`);
  if (twice !== undefined) refuse(`Expected \`labels\` to be distinct, got '${twice}' twice`);
  if (!Object.hasOwn(grammars, defaultGrammar)) {
    refuse(`Expected \`defaultGrammar\` to be one of ${list(Object.keys(grammars))}, got '${defaultGrammar}'`);
  }
  for (const [name, entries] of Object.entries(grammars)) {
    if (entries.length === 0) refuse(`Expected grammar '${name}' to hold at least one word, got none`);
    for (const { label } of entries) {
      if (!known.has(label)) refuse(`Expected grammar '${name}' to be made of labels, got '${label}'`);
    }
    const repeated = entries.find((entry, index) => entries.findIndex(({ label }) => label === entry.label) !== index);
    if (repeated) refuse(`Expected grammar '${name}' to hold each label once, got '${repeated.label}' twice`);
  }
}

/** The ids of `labels`. Throws `vocabulary/unknown-label`. */
export function labelIds(vocabulary: Vocabulary, labels: readonly string[]): number[] {
  const ids = new Map(vocabulary.labels.map((label, index) => [label, index + 1]));
  return labels.map((label) => {
    const id = ids.get(label);
    if (id === undefined) {
      throw new HearkenError(
        'vocabulary/unknown-label',
        `Expected a label of the vocabulary (${list(vocabulary.labels)}), got '${label}'`,
      );
    }
    return id;
  });
}

/**
 * A named grammar of the vocabulary (the default one if `grammar` is left out), or a grammar made of a list of words.
 *
 * A word is one of those that the vocabulary's grammars write, or a label itself; upper and lower case are the same.
 * Throws `grammar/unknown-name`, `grammar/unknown-word`, `grammar/ambiguous-word` or `grammar/empty`.
 */
export function resolveGrammar(vocabulary: Vocabulary, grammar?: string | readonly string[]): Grammar {
  if (typeof grammar === 'object') return grammarOfWords(vocabulary, 'words', grammar.map(asListed));
  const name = grammar ?? vocabulary.defaultGrammar;
  const entries = Object.hasOwn(vocabulary.grammars, name) ? vocabulary.grammars[name] : undefined;
  if (entries === undefined) {
    const names = Object.keys(vocabulary.grammars);
    const nearest = nearestName(name, names);
    const expected = `Expected a grammar of the model (${list(names)}) or a word list, got '${name}'`;
    throw new HearkenError(
      'grammar/unknown-name',
      nearest === undefined ? expected : `${expected}: did you mean ${nearest}?`,
    );
  }
  const ids = labelIds(
    vocabulary,
    entries.map(({ label }) => label),
  );
  return toGrammar(name, new Map(ids.map((id, index) => [id, entries[index]?.word ?? ''])));
}

/**
 * The grammar of a word-list file's text: words separated by white space, `#` begins a comment that ends with the line.
 * Throws as `resolveGrammar` does, naming the line.
 */
export function grammarFromText(vocabulary: Vocabulary, name: string, text: string): Grammar {
  const words = wordsByLine(text).flatMap((line, index) =>
    line.map((word) => ({ word, place: `line ${index + 1} of ${name}` })),
  );
  return grammarOfWords(vocabulary, name, words);
}

/** The lines of a file of phrases that are not empty, their words with one space between; `#` begins a comment that ends with the line. */
export function phrasesFromText(text: string): string[] {
  return wordsByLine(text)
    .filter(({ length }) => length > 0)
    .map((words) => words.join(' '));
}

function wordsByLine(text: string): string[][] {
  return text.split(/\r\n|\n|\r/).map((line) =>
    line
      .replace(/#.*/, '')
      .split(/\s+/)
      .map((word) => word.replace(/^\uFEFF/, ''))
      .filter((word) => word !== ''),
  );
}

type ListedWord = {
  readonly word: string;
  /** Where the word stands, for error messages. */
  readonly place: string;
};

function asListed(word: string, index: number): ListedWord {
  return { word, place: `word ${index + 1}` };
}

function grammarOfWords(vocabulary: Vocabulary, name: string, listed: readonly ListedWord[]): Grammar {
  const entries = knownWords(vocabulary);
  const words = new Map<number, string>();
  for (const { word, place } of listed) {
    const entry = entries.get(word.toLowerCase());
    if (entry === undefined) {
      const known = list([...entries.values()].map((one) => one.word));
      throw new HearkenError(
        'grammar/unknown-word',
        `Expected a word the model knows, got '${shortened(word)}' (${place}); it knows ${known}`,
      );
    }
    const other = words.get(entry.id);
    if (other !== undefined && other !== entry.word) {
      throw new HearkenError(
        'grammar/ambiguous-word',
        `Expected each sound once, got '${word}' (${place}) beside '${other}', which sounds the same`,
      );
    }
    words.set(entry.id, entry.word);
  }
  if (words.size === 0) {
    throw new HearkenError('grammar/empty', `Expected at least one word in the list '${name}', got none`);
  }
  return toGrammar(name, words);
}

/** Every way to name a label: the words of all grammars first, then the labels themselves, written as the default does. */
export function knownWords(vocabulary: Vocabulary): Map<string, { readonly id: number; readonly word: string }> {
  const known = new Map<string, { id: number; word: string }>();
  const ids = new Map(vocabulary.labels.map((label, index) => [label, index + 1]));
  const add = (name: string, label: string, word: string) => {
    if (known.has(name.toLowerCase())) return;
    known.set(name.toLowerCase(), { id: ids.get(label) ?? labelIds(vocabulary, [label])[0]!, word }); // or throws
  };
  const byDefault = vocabulary.grammars[vocabulary.defaultGrammar] ?? [];
  const entries = [...byDefault, ...Object.values(vocabulary.grammars).flat()];
  for (const { label, word } of entries) add(word, label, word);
  for (const { label, word } of entries) add(label, label, word);
  for (const label of vocabulary.labels) add(label, label, label);
  return known;
}

function toGrammar(name: string, words: ReadonlyMap<number, string>): Grammar {
  return { name, allowed: [...words.keys()].toSorted((a, b) => a - b), words };
}

function list(names: readonly string[]): string {
  return [...new Set(names)].join(', ');
}
