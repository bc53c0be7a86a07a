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
  const { accent, variant, pitch, wordsPerMinute, wordGap = 0 } = voice;
  const options = ['-v', `${accent}+${variant}`, '-p', `${pitch}`, '-s', `${wordsPerMinute}`, '-g', `${wordGap}`];
  return clipFromWav(await runProgram('espeak-ng', [...options, '--stdout', text]));
}

/** Names of the installed voice variants, sorted. */
export async function espeakVariants(): Promise<string[]> {
  const table = (await runProgram('espeak-ng', ['--voices=variant'])).toString();
  return [...table.matchAll(/!v\/(\S+)/g)].map((match) => match[1]!).toSorted();
}
