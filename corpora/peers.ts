/** Pocketsphinx on the files that a model heard, at the settings that serve it best on these very files. */
import { HearkenError } from '../src/errors.ts';

import type { TestItem } from './evaluation-sets.ts';
import { BASELINE_LABELS, BASELINE_WORD_PENALTIES, recognizeWithPocketsphinx } from './pocketsphinx.ts';
import { type PhrasePeer, recognizePhrases } from './pocketsphinx-phrases.ts';
import { score, scoreBySpeaker, type ScoredItem, type Scores } from './scores.ts';

/** Its model of digits. */
type DigitsPeer =
  | (Scores & {
      readonly name: 'pocketsphinx tidigits';
      /** Word insertion penalty of the scores: that of the fewest errors. */
      readonly wordPenalty: number;
      readonly speakers: Readonly<Record<string, Scores>>;
    })
  | { readonly name: 'pocketsphinx tidigits'; readonly skipped: string };

/** Its scores, or why it could not run. */
export type PeerReport = DigitsPeer | PhrasePeer;

/** Its model of digits on `items` that are digits, its general model on letters; nothing on both together, which it was not made for. */
export async function scorePeers(items: readonly TestItem[], packages: string): Promise<PeerReport[]> {
  const labels = items.flatMap((item) => item.labels);
  if (labels.every((label) => BASELINE_LABELS.includes(label))) return [await scoreDigits(items, packages)];
  if (!labels.every((label) => /^[a-z]$/.test(label))) return [];
  return [await recognizePhrases(items, { candidates: [...new Set(labels)].toSorted(), packages })];
}

async function scoreDigits(items: readonly TestItem[], packagesDir: string): Promise<DigitsPeer> {
  const name = 'pocketsphinx tidigits';
  try {
    const reports = [];
    for (const wordPenalty of BASELINE_WORD_PENALTIES) {
      const heard = await recognizeItems(items, packagesDir, wordPenalty);
      reports.push({ name, wordPenalty, ...score(heard), speakers: scoreBySpeaker(heard) } as const);
    }
    return reports.toSorted((a, b) => totalErrors(a) - totalErrors(b))[0]!; // there are penalties
  } catch (error) {
    if (!(error instanceof HearkenError) || !error.code.startsWith('corpora/missing-')) throw error;
    return { name, skipped: error.message };
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
    const options = { packagesDir, wordPenalty, wordCount: kind === 'isolated' ? 1 : undefined };
    const heard = own.length === 0 ? [] : await recognizeWithPocketsphinx(own, options);
    scored.push(
      ...own.map(({ speaker, labels }, index) => ({ kind, speaker, said: labels, heard: heard[index] ?? [] })),
    );
  }
  return scored;
}
