/** Grammars of any words: phrases as text, heard by the phones of a model that knows no words of them. */
import { assertNumber, HearkenError } from '../errors.ts';
import type { Grammar } from '../text/vocabulary.ts';
import { type Automaton, AutomatonBuilder, SILENT } from './automaton.ts';
import type { Lexicon } from './lexicon.ts';
import { type GrammarWalk, walkOf } from './walk.ts';

/** What may be said, in words that need not be of the model's vocabulary. Plain data. */
export type PhraseForm = {
  /** One or more, each of one or more words. An utterance is one of them, or several in any order. */ readonly phrases: readonly string[];
  /** How each word of them is said: what `pronounce` gives. */ readonly lexicon: Lexicon;
  /**
   * What each phrase after the first costs, in nats, 0..1000: the dearer, the less is one long phrase taken for several short ones. Default 4;
   * at 1000 an utterance is one phrase.
   */
  readonly phraseCost?: number | undefined;
};

/** A grammar of a stream in which phrases are said. */
export type SpokenPhrases = Grammar & { readonly phones: PhoneGrammar };

/** Default of `PhraseForm.phraseCost`. */
const DEFAULT_COST = 4;

/** A form, compiled for a model whose phones have ids from 1 on. */
export type PhoneGrammar = {
  readonly form: PhraseForm;
  readonly phones: readonly string[];
  readonly automaton: Automaton;
  readonly walk: GrammarWalk;
};

/**
 * The grammar of `form` over `phones`, those that the model hears. Throws `grammar/empty` without a phrase, `grammar/unspoken` where the lexicon lacks a word or the model a
 * phone, `grammar/too-large`, `option/out-of-range`.
 */
function phoneGrammar(phones: readonly string[], form: PhraseForm): PhoneGrammar {
  const { phrases, lexicon, phraseCost = DEFAULT_COST } = form;
  assertNumber('phraseCost', phraseCost, 0, 1000);
  if (phrases.length === 0)
    throw new HearkenError('grammar/empty', 'Expected `phrases` to hold at least one, got none');
  const ids = new Map(phones.map((phone, index) => [phone, index + 1]));
  const waysTo = new Map<string, number[][]>();
  const waysOf = (word: string): number[][] => {
    const known = waysTo.get(word) ?? labelsOf(word, lexicon, ids);
    waysTo.set(word, known);
    return known;
  };
  const builder = new AutomatonBuilder();
  const end = builder.addState();
  for (const phrase of phrases) {
    const words = phrase.split(/\s+/).filter((word) => word !== '');
    if (words.length === 0) throw new HearkenError('grammar/empty', 'Expected each phrase to hold a word, got none');
    let from = 0;
    for (const [index, word] of words.entries()) {
      const to = index === words.length - 1 ? end : builder.addState();
      for (const labels of waysOf(word)) builder.addWay(from, to, { labels, written: `${word} `, weight: 0 });
      from = to;
    }
  }
  builder.end(end);
  builder.addArc(end, { label: SILENT, next: 0, weight: -phraseCost, written: '' });
  const automaton = builder.build();
  return { form, phones, automaton, walk: walkOf(automaton) };
}

/**
 * What may be said in a stream, by `form`, of a model that hears `phones`. Throws `grammar/unspoken` where it hears none, and as `phoneGrammar` does.
 */
export function phraseGrammar(phones: readonly string[] | undefined, form: PhraseForm): SpokenPhrases {
  if (phones === undefined) {
    throw new HearkenError(
      'grammar/unspoken',
      'Expected a model that hears phones where `phrases` may be said, got one that hears its words alone',
    );
  }
  return { name: 'phrases', allowed: [], words: new Map(), phones: phoneGrammar(phones, form) };
}

function labelsOf(word: string, lexicon: Lexicon, ids: ReadonlyMap<string, number>): number[][] {
  const ways = lexicon[word.toLowerCase()] ?? [];
  if (ways.length === 0) {
    throw new HearkenError('grammar/unspoken', `Expected \`lexicon\` to say how '${word}' is said, got nothing`);
  }
  return ways.map((phones) =>
    phones.map((phone) => {
      const id = ids.get(phone);
      if (id !== undefined) return id;
      const known = [...ids.keys()].join(' ');
      throw new HearkenError(
        'grammar/unspoken',
        `Expected phones that the model hears (${known}) in '${word}', got '${phone}'`,
      );
    }),
  );
}
