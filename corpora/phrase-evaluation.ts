/** How well a model that hears phones tells phrases of any words from each other, beside pocketsphinx with the same grammar. */
import type { PhraseForm } from '../src/grammar/phone-grammar.ts';
import { pronounce } from '../src/lexicon/pronounce.ts';
import { type Condition, inCondition } from './evaluation-sets.ts';
import { readNoiseBank } from './noise.ts';
import { type PhraseSet, wordsOf } from './open-words.ts';
import { type PhrasePeer, recognizePhrases } from './pocketsphinx-phrases.ts';
import { score, scoreBySpeaker, type ScoredItem, type Scores } from './scores.ts';

/** The part of a model that `evaluatePhrases` needs. */
export type PhraseHearer = {
  recognize(
    samples: Float32Array,
    options: { readonly grammar: PhraseForm; readonly signal?: AbortSignal | undefined },
  ): Promise<{ readonly text: string }>;
};

export type PhraseEvaluation = {
  readonly model: PhraseHearer;
  readonly sets: readonly PhraseSet[];
  readonly condition: Condition;
  /** Folder of music and babble. */ readonly noise: string;
  /** What a phrase after the first costs, where several are said; the library's default unless told. */ readonly phraseCost?: number;
  /** Whether pocketsphinx hears the same. */ readonly peer: boolean;
  /** Folder of the unpacked packages. */ readonly packages: string;
  readonly signal?: AbortSignal;
  readonly onProgress?: (done: number, total: number) => void;
};

/** One set in one condition. */
export type PhraseRow = Scores & {
  readonly set: string;
  readonly candidates: number;
  readonly noise: Condition['noise'];
  /** Signal-to-noise ratio in dB; absent where `noise` is `clean`. */ readonly snr?: number;
  readonly speakers: Readonly<Record<string, Scores>>;
  /** What was wrong: phrases that were said and what was heard. */ readonly wrong: readonly {
    readonly said: string;
    readonly heard: string;
  }[];
  readonly peer?: PhrasePeer;
};

/** An utterance of a closed set is one of its phrases. */
const ONE_PHRASE = 1000;

/** A row for each set. Throws `corpora/missing-...`. */
export async function evaluatePhrases(asked: PhraseEvaluation): Promise<PhraseRow[]> {
  const { model, sets, condition, phraseCost, signal, onProgress } = asked;
  const needsBank = condition.noise === 'music' || condition.noise === 'babble';
  const bank = needsBank ? await readNoiseBank(asked.noise, 'test') : undefined;
  const total = sets.reduce((sum, { items }) => sum + items.length, 0);
  const rows: PhraseRow[] = [];
  let done = 0;
  for (const { name, candidates, items } of sets) {
    const lexicon = await pronounce(candidates.flatMap((phrase) => phrase.split(' ')));
    const noisy = items.map((item, index) => inCondition(item, index, condition, bank));
    const heard: ScoredItem[] = [];
    for (const { kind, speaker, labels, samples } of noisy) {
      const cost = kind === 'isolated' ? ONE_PHRASE : phraseCost;
      const grammar = { phrases: candidates, lexicon, ...(cost !== undefined && { phraseCost: cost }) };
      const { text } = await model.recognize(samples, { grammar, signal });
      heard.push({ kind, speaker, said: wordsOf(kind, labels), heard: wordsOf(kind, [text]) });
      onProgress?.(++done, total);
    }
    const wrong = heard
      .map(({ said, heard: got }) => ({ said: said.join(' '), heard: got.join(' ') }))
      .filter((each) => each.said !== each.heard);
    rows.push({
      set: name,
      candidates: candidates.length,
      noise: condition.noise,
      ...(condition.noise !== 'clean' && { snr: condition.snr }),
      ...score(heard),
      speakers: scoreBySpeaker(heard),
      wrong,
      ...(asked.peer && { peer: await recognizePhrases(noisy, { candidates, packages: asked.packages }) }),
    });
  }
  return rows;
}
