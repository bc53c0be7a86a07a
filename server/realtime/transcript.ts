import type { Word } from '../../src/text/word.ts';

/**
 * The text of one item as it grows. Words of a partial are told once two partials in a row agree on them and on all
 * before them; what was told is not taken back, so the rest of an utterance that is settled otherwise is not told.
 */
export type TurnTranscript = {
  /** Takes what is revisable; gives the words to be told now. */
  readonly revise: (partial: readonly Word[]) => readonly Word[];
  /** Takes what is settled; gives the words of it to be told now. */
  readonly settle: (final: readonly Word[]) => readonly Word[];
  /** Everything that is settled. */ readonly words: () => readonly Word[];
};

export function createTranscript(): TurnTranscript {
  let settled: readonly Word[] = [];
  let sent: readonly Word[] = []; // of the utterance under way
  let before: readonly Word[] = []; // the last partial

  const rest = (words: readonly Word[]): readonly Word[] =>
    commonLength(sent, words) === sent.length ? words.slice(sent.length) : [];
  return {
    revise: (partial) => {
      const more = rest(partial.slice(0, commonLength(before, partial)));
      before = partial;
      sent = [...sent, ...more];
      return more;
    },
    settle: (final) => {
      const more = rest(final);
      settled = [...settled, ...final];
      sent = [];
      before = [];
      return more;
    },
    words: () => settled,
  };
}

/** Number of words that the two have in common, from the first on. */
function commonLength(a: readonly Word[], b: readonly Word[]): number {
  const differing = a.findIndex(({ word }, index) => word !== b[index]?.word);
  return differing === -1 ? a.length : differing;
}
