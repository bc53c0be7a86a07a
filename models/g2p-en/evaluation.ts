/** What g2p-en gets right of CMUdict's held-out words, beside other programs on the same words. */
import { partOf, type PronouncedWord, readCmudict } from '../../corpora/pronunciations/cmudict.ts';
import { PRONUNCIATION_PEERS, type PronunciationPeer, wordsKnownToEspeak } from '../../corpora/pronunciations/peers.ts';
import { type PronunciationScores, scorePronunciations } from '../../corpora/pronunciations/scores.ts';
import type { SequenceWriter } from '../../corpora/sequence-accuracy.ts';
import { HearkenError } from '../../src/errors.ts';

export type PeerScores =
  | (PronunciationScores & {
      /** Whether the program carries the very dictionary, so that its figures say nothing of new words. */
      readonly hasSeenTheWords: boolean;
      /** On the words of its own list: how far dialect and the table of phones alone are apart from CMUdict. */
      readonly ofItsOwnList?: PronunciationScores;
    })
  | { /** Why there are none. */ readonly missing: string };

export type G2pEvaluation = PronunciationScores & {
  readonly part: 'dev' | 'test';
  /** Words by seconds of processor time, of all threads together: what one core does in a second. */
  readonly wordsPerSecond: number;
  readonly peers: Readonly<Record<string, PeerScores>>;
};

/** Scores what `write` makes of `part`: choices are made on `dev`; `test` is for reporting what was chosen. */
export async function evaluateG2p(write: SequenceWriter, part: 'dev' | 'test'): Promise<G2pEvaluation> {
  const words = partOf(await readCmudict(), part);
  const start = process.cpuUsage();
  const said = await write(words.map(({ word }) => word));
  const { user, system } = process.cpuUsage(start);
  const peers: Record<string, PeerScores> = {};
  for (const peer of PRONUNCIATION_PEERS) peers[peer.name] = await scoresOf(peer, words);
  const phones = said.map((text) => text.split(' ').filter((phone) => phone !== ''));
  return {
    part,
    ...scorePronunciations(words, phones),
    wordsPerSecond: words.length / ((user + system) / 1e6),
    peers,
  };
}

async function scoresOf(
  { name, hasSeenTheWords, pronounce }: PronunciationPeer,
  words: readonly PronouncedWord[],
): Promise<PeerScores> {
  const spellings = words.map(({ word }) => word);
  try {
    const said = await pronounce(spellings);
    const scores = { ...scorePronunciations(words, said), hasSeenTheWords };
    if (name !== 'espeak-ng') return scores;
    const known = await wordsKnownToEspeak(spellings);
    const places = [...words.keys()].filter((index) => known.has(spellings[index]!));
    if (places.length === 0) return scores;
    const ofItsOwnList = scorePronunciations(
      places.map((index) => words[index]!),
      places.map((index) => said[index]!),
    );
    return { ...scores, ofItsOwnList };
  } catch (error) {
    if (error instanceof HearkenError && error.code === 'corpora/missing-program') return { missing: error.message };
    throw error;
  }
}
