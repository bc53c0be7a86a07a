import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { clipFromWav } from '../clip.ts';
import { runProgram } from '../programs.ts';

/** A formant voice of espeak-ng. */
export type EspeakVoice = {
  /** Language code, for example `en-gb-x-rp`. */
  readonly accent: string;
  /** Voice variant, for example `f3`. */
  readonly variant: string;
  /** Pitch of the voice, 0..99. */
  readonly pitch: number;
  readonly wordsPerMinute: number;
  /** Pause after each word, in units of 10 ms. */
  readonly wordGap?: number;
};

export async function synthesizeEspeak(text: string, voice: EspeakVoice): Promise<Float32Array> {
  return clipFromWav(await runProgram('espeak-ng', [...optionsOf(voice), '--stdout', text]));
}

/** `text` as it is said, and the phonemes that are said, in IPA. */
export async function speakEspeak(
  text: string,
  voice: EspeakVoice,
): Promise<{ readonly clip: Float32Array; readonly ipa: string }> {
  const folder = await mkdtemp(join(tmpdir(), 'hearken-espeak-'));
  try {
    const file = join(folder, 'phonemes');
    const options = [...optionsOf(voice), '--ipa', `--phonout=${file}`, '--stdout'];
    const clip = clipFromWav(await runProgram('espeak-ng', [...options, text]));
    return { clip, ipa: await readFile(file, 'utf8') };
  } finally {
    await rm(folder, { recursive: true });
  }
}

function optionsOf({ accent, variant, pitch, wordsPerMinute, wordGap = 0 }: EspeakVoice): string[] {
  return ['-v', `${accent}+${variant}`, '-p', `${pitch}`, '-s', `${wordsPerMinute}`, '-g', `${wordGap}`];
}

/** What ends a clause, and with it a line of phonemes. */
const PUNCTUATION = /[^\p{L}\p{M}\p{N}'\u2019]+/gu;

/**
 * How the voice of `language` says each of `texts`, whose punctuation is left out: IPA. They are asked for together; where one is so long that it is
 * answered in pieces, in halves.
 */
export async function pronounceEspeak(texts: readonly string[], language: string): Promise<string[]> {
  const input = texts.map((text) => `${text.replaceAll(PUNCTUATION, ' ').trim()}\n`).join('');
  const answer = (await runProgram('espeak-ng', ['-q', '--ipa', '-v', language], { input })).toString();
  const lines = answer.replace(/\n$/, '').split('\n');
  if (lines.length === texts.length) return lines;
  if (texts.length < 2) return texts.map(() => lines.join(' '));
  const half = texts.length >> 1;
  return [
    ...(await pronounceEspeak(texts.slice(0, half), language)),
    ...(await pronounceEspeak(texts.slice(half), language)),
  ];
}

/** Names of the installed voice variants, sorted. */
export async function espeakVariants(): Promise<string[]> {
  const table = (await runProgram('espeak-ng', ['--voices=variant'])).toString();
  return [...table.matchAll(/!v\/(\S+)/g)].map((match) => match[1]!).toSorted();
}
