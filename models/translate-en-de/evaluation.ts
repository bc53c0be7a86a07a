/** How well translate-en-de translates messages of programs that it never saw, and whether its attention finds which word is which. */
import { readPart } from '../../corpora/catalogs/data-set.ts';
import {
  type BaselineName,
  baselineScores,
  scoresOf,
  type TranslationScores,
  wordTranslations,
} from '../../corpora/translation/baseline-scores.ts';
import {
  alignedWords,
  alignmentErrorRate,
  countLinks,
  type LinkCounts,
  linksOfPieces,
  silverLinks,
} from '../../corpora/translation/word-alignment.ts';
import { bleu } from '../../src/text/bleu.ts';
import { chrf } from '../../src/text/chrf.ts';
import { DATA_FOLDER } from './examples.ts';

/** A translation, with the shares of attention that each of its pieces gave to the pieces of the source. */
export type Translated = {
  readonly text: string;
  readonly alignment: readonly (readonly number[])[];
  readonly inputSymbols: readonly string[];
  readonly outputSymbols: readonly string[];
};

/** Translates texts, in their order. */
export type TranslationWriter = (sources: readonly string[]) => Promise<readonly Translated[]>;

export type TranslationEvaluation = TranslationScores & {
  /** Of chrF2 and of BLEU, as sacreBLEU prints them. */
  readonly signature: { readonly chrf: string; readonly bleu: string };
  readonly sentences: number;
  readonly baselines: Readonly<Record<BaselineName, TranslationScores>>;
  /** Of attention against links that two dictionaries made of the training pairs agree on, in the model's own translations. */
  readonly alignment: LinkCounts & { readonly errorRate: number; readonly standard: string };
};

const STANDARD = 'silver: links on which IBM model 1, learned on training pairs, agrees both ways';

/** Translates the test part of the pairs in `folder`. Throws `corpora/missing-catalogs`. */
export async function evaluateTranslation(
  write: TranslationWriter,
  folder: string = DATA_FOLDER,
): Promise<TranslationEvaluation> {
  const [train, test] = [await readPart(folder, 'train'), await readPart(folder, 'test')];
  const references = test.map(({ target }) => target);
  const translated = await write(test.map(({ source }) => source));
  const texts = translated.map(({ text }) => text);
  const { forward, backward } = wordTranslations(train);
  const counts = translated.map(({ text, alignment, inputSymbols, outputSymbols }, index) => {
    const pair = { source: alignedWords(test[index]!.source), target: alignedWords(text) };
    return countLinks(linksOfPieces(alignment, inputSymbols, outputSymbols), silverLinks(pair, forward, backward));
  });
  const links = {
    found: sum(counts.map(({ found }) => found)),
    expected: sum(counts.map(({ expected }) => expected)),
    common: sum(counts.map(({ common }) => common)),
  };
  return {
    ...scoresOf(texts, references),
    signature: { chrf: chrf(texts, references).signature, bleu: bleu(texts, references).signature },
    sentences: test.length,
    baselines: baselineScores(train, test, forward),
    alignment: { ...links, errorRate: alignmentErrorRate(links), standard: STANDARD },
  };
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}
