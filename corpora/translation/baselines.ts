/** What is to be beaten: translations by programs that do not learn to write sentences. */
import type { Pair } from '../catalogs/pairs.ts';
import type { WordTranslation } from './ibm-model-1.ts';
import { alignedWords } from './word-alignment.ts';

/** Writes the translation of a text. */
export type Translator = (source: string) => string;

/** Word by word, by what is most likely written for each; words that are not known stay. Marks around words stay, too. */
export function wordByWord(translation: WordTranslation): Translator {
  return (source) => {
    const words = alignedWords(source);
    const written = source.split(' ').map((word, place) => {
      const known = words[place]!;
      const best = known === '' ? undefined : translation.best(known);
      return best === undefined ? word : word.toLowerCase().replace(known, () => best);
    });
    return written.join(' ');
  };
}

/** Words that stand in more sources than this tell little about which is like which. */
const MOST_SOURCES = 4_000;

/**
 * A translation memory: the translation of the text of `pairs` that is most like the source. Likeness is the share of the words
 * of either that both have, each weighted by how rare it is.
 */
export function translationMemory(pairs: readonly Pair[]): Translator {
  const sources = pairs.map(({ source }) => new Set(alignedWords(source)));
  const places = new Map<string, number[]>();
  for (const [place, words] of sources.entries()) {
    for (const word of words) {
      const known = places.get(word);
      if (known === undefined) places.set(word, [place]);
      else known.push(place);
    }
  }
  const rarity = (word: string): number => Math.log(1 + pairs.length / (1 + (places.get(word)?.length ?? 0)));
  const weightOf = (words: Iterable<string>): number => {
    let sum = 0;
    for (const word of words) sum += rarity(word);
    return sum;
  };
  return (source) => {
    const words = new Set(alignedWords(source));
    const common = new Map<number, number>();
    for (const word of words) {
      const known = places.get(word) ?? [];
      if (known.length > MOST_SOURCES) continue;
      for (const place of known) common.set(place, (common.get(place) ?? 0) + rarity(word));
    }
    const own = weightOf(words);
    let best: number | undefined;
    let most = 0;
    for (const [place, weight] of common) {
      if (weight <= most * own) continue; // even with nothing else it were less like
      const likeness = weight / (own + weightOf(sources[place]!) - weight);
      if (likeness > most) [best, most] = [place, likeness];
    }
    return best === undefined ? source : pairs[best]!.target;
  };
}
