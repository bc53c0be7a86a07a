/** What other programs make of words that are written: phones of the CMU Pronouncing Dictionary. */
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { HearkenError } from '../../src/errors.ts';

import { runProgram } from '../programs.ts';
import { phonesOfEspeak } from './espeak-phones.ts';

/** How one program pronounces each word. */
export type Pronounce = (words: readonly string[]) => Promise<string[][]>;

export type PronunciationPeer = {
  readonly name: string;
  /** Whether the program carries CMUdict, so that it has seen the words it is tested on. */ readonly hasSeenTheWords: boolean;
  readonly pronounce: Pronounce;
};

const VOICE = ['-v', 'en-us'];

/** espeak-ng has rules and a word list of its own; flite and festival look words up in CMUdict before they use rules made from it. */
export const PRONUNCIATION_PEERS: readonly PronunciationPeer[] = [
  { name: 'espeak-ng', hasSeenTheWords: false, pronounce: pronounceWithEspeak },
  { name: 'flite', hasSeenTheWords: true, pronounce: pronounceWithFlite },
  { name: 'festival', hasSeenTheWords: true, pronounce: pronounceWithFestival },
];

/** espeak-ng's American English by the table of `espeak-phones.ts`. */
async function pronounceWithEspeak(words: readonly string[]): Promise<string[][]> {
  const lines = await answersOf(
    words,
    runProgram('espeak-ng', ['-q', '-x', '--sep=_', ...VOICE], { input: listOf(words) }),
  );
  return lines.map(phonesOfEspeak);
}

/**
 * Which of `words` stand in espeak-ng's own list: there, it is people who wrote how they are said, and what differs from CMUdict is
 * dialect and the table.
 */
export async function wordsKnownToEspeak(words: readonly string[]): Promise<Set<string>> {
  const trace = (await runProgram('espeak-ng', ['-q', '-X', ...VOICE], { input: listOf(words) })).toString();
  const found = new Set([...trace.matchAll(/^Found: '(.+?)' \[/gm)].map(([, word]) => word));
  return new Set(words.filter((word) => found.has(word)));
}

async function pronounceWithFlite(words: readonly string[]): Promise<string[][]> {
  const lines = await answersOf(words, runProgram('xargs', ['-d', '\\n', '-n', '1', 't2p'], { input: listOf(words) }));
  return lines.map(phonesOfCmuVoice);
}

async function pronounceWithFestival(words: readonly string[]): Promise<string[][]> {
  const folder = await mkdtemp(join(tmpdir(), 'hearken-festival-'));
  try {
    const program = join(folder, 'words.scm');
    await writeFile(program, festivalProgram(words));
    return (await answersOf(words, runProgram('festival', ['--batch', program]))).map(phonesOfCmuVoice);
  } finally {
    await rm(folder, { recursive: true });
  }
}

/** Prints a line of phones a word; its lexicon answers letters alone, so that apostrophes and full stops are left out. */
function festivalProgram(words: readonly string[]): string {
  const say = words.map((word) => `(say "${word.replaceAll(/[^a-z]/g, '')}")`);
  return [
    '(lex.select "cmu")',
    '(define (say-syllable syllable) (mapcar (lambda (phone) (format t "%s " phone)) (car syllable)))',
    '(define (say word) (mapcar say-syllable (car (cdr (cdr (lex.lookup word nil))))) (format t "pau\\n"))',
    ...say,
  ].join('\n');
}

/** The phones of flite and festival are CMUdict's in small letters, with a name of its own for the weak vowel. */
function phonesOfCmuVoice(line: string): string[] {
  const phones = line
    .trim()
    .split(/\s+/)
    .map((phone) => phone.replace(/\d$/, '').toUpperCase());
  return phones.filter((phone) => phone !== 'PAU').map((phone) => (phone === 'AX' ? 'AH' : phone));
}

function listOf(words: readonly string[]): string {
  return words.map((word) => `${word}\n`).join('');
}

/** The lines of `output`, one for each of `words`. Throws `corpora/program-failed` where there are more or less. */
async function answersOf(words: readonly string[], output: Promise<Buffer>): Promise<string[]> {
  const lines = (await output)
    .toString()
    .split('\n')
    .filter((line) => line.trim() !== '');
  if (lines.length !== words.length) {
    throw new HearkenError(
      'corpora/program-failed',
      `Expected a line for each of ${words.length} words, got ${lines.length}`,
    );
  }
  return lines;
}
