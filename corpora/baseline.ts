import { HearkenError } from '../src/errors.ts';

import type { TestItem } from './evaluation-sets.ts';
import { BASELINE_LABELS, BASELINE_WORD_PENALTIES, recognizeWithPocketsphinx } from './pocketsphinx.ts';
import { score, scoreBySpeaker, type ScoredItem, type Scores } from './scores.ts';

/** The peer at the settings that serve it best on these very files, or why it could not run. */
export type BaselineReport =
  | (Scores & {
      readonly name: 'pocketsphinx tidigits';
      /** Word insertion penalty of the scores: that of the fewest errors. */
      readonly wordPenalty: number;
      readonly speakers: Readonly<Record<string, Scores>>;
    })
  | { readonly name: 'pocketsphinx tidigits'; readonly skipped: string };

/** Runs the peer on `items` if all of them are digits. */
export async function scoreBaseline(
  items: readonly TestItem[],
  packagesDir: string,
): Promise<BaselineReport | undefined> {
  if (!items.every(({ labels }) => labels.every((label) => BASELINE_LABELS.includes(label)))) {
    return undefined;
  }
  try {
    const reports = [];
    for (const wordPenalty of BASELINE_WORD_PENALTIES) {
      const heard = await recognizeItems(items, packagesDir, wordPenalty);
      reports.push({
        name: 'pocketsphinx tidigits',
        wordPenalty,
        ...score(heard),
        speakers: scoreBySpeaker(heard),
      } as const);
    }
    return reports.toSorted((a, b) => totalErrors(a) - totalErrors(b))[0];
  } catch (error) {
    if (error instanceof HearkenError && error.code.startsWith('corpora/missing-')) {
      return { name: 'pocketsphinx tidigits', skipped: error.message };
    }
    throw error;
  }
}

function totalErrors({ isolated, connected }: Scores): number {
  return (isolated?.errors ?? 0) + (connected?.errors ?? 0);
}

async function recognizeItems(
  items: readonly TestItem[],
  packagesDir: string,
  wordPenalty: number,
): Promise<ScoredItem[]> {
  const scored: ScoredItem[] = [];
  for (const kind of ['isolated', 'connected'] as const) {
    const own = items.filter((item) => item.kind === kind);
    const options = { packagesDir, wordPenalty, isSingleWord: kind === 'isolated' };
    const heard = own.length === 0 ? [] : await recognizeWithPocketsphinx(own, options);
    scored.push(
      ...own.map(({ speaker, labels }, index) => ({ kind, speaker, said: labels, heard: heard[index] ?? [] })),
    );
  }
  return scored;
}
