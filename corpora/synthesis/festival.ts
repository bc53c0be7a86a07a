import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { HearkenError } from '../../src/errors.ts';
import { clipFromWav } from '../clip.ts';
import { runProgram } from '../programs.ts';

export type FestivalVoice =
  | 'kal_diphone'
  | 'ked_diphone'
  | 'cmu_us_slt_arctic_hts'
  | 'czech_dita'
  | 'czech_krb'
  | 'czech_machac'
  | 'czech_ph'
  | 'lp_diphone'
  | 'pc_diphone'
  | 'telugu_NSK_diphone'
  | 'upc_ca_ona_hts';

type VoiceProperties = {
  readonly debianPackage: string;
  /**
   * Encoding in which the voice's language expects its text; Czech is the only one that is neither Latin-1 nor UTF-8.
   */
  readonly encoding: 'latin1' | 'latin2' | 'utf8';
};

/** Voices made from a person's recordings; those of other languages speak English as they read it. */
const VOICES: Readonly<Record<FestivalVoice, VoiceProperties>> = {
  kal_diphone: { debianPackage: 'festvox-kallpc16k', encoding: 'latin1' },
  ked_diphone: { debianPackage: 'festvox-kdlpc16k', encoding: 'latin1' },
  cmu_us_slt_arctic_hts: { debianPackage: 'festvox-us-slt-hts', encoding: 'latin1' },
  czech_dita: { debianPackage: 'festvox-czech-dita', encoding: 'latin2' },
  czech_krb: { debianPackage: 'festvox-czech-krb', encoding: 'latin2' },
  czech_machac: { debianPackage: 'festvox-czech-machac', encoding: 'latin2' },
  czech_ph: { debianPackage: 'festvox-czech-ph', encoding: 'latin2' },
  lp_diphone: { debianPackage: 'festvox-italp16k', encoding: 'latin1' },
  pc_diphone: { debianPackage: 'festvox-itapc16k', encoding: 'latin1' },
  telugu_NSK_diphone: { debianPackage: 'festvox-te-nsk festival-te', encoding: 'utf8' },
  upc_ca_ona_hts: { debianPackage: 'festvox-ca-ona-hts', encoding: 'latin1' },
};

export type FestivalJob = {
  readonly text: string;
  /** Above 1 is slower. */
  readonly durationStretch: number;
};

/** Throws `corpora/missing-voice` with the line that installs what is missing of `voices`. */
export async function requireFestivalVoices(voices: readonly FestivalVoice[]): Promise<void> {
  const installed = (await runFestival('(print (voice.list))')).toString();
  const missing = voices.filter((voice) => !new RegExp(`\\b${voice}\\b`).test(installed));
  if (missing.length > 0) {
    const packages = missing.map((voice) => VOICES[voice].debianPackage).join(' ');
    throw new HearkenError(
      'corpora/missing-voice',
      `Expected the festival voices ${missing.join(', ')}, which are missing: sudo apt-get install ${packages}`,
    );
  }
}

/** Speaks all jobs in one process, since festival takes longer to start than to speak. */
export async function synthesizeFestival(jobs: readonly FestivalJob[], voice: FestivalVoice): Promise<Float32Array[]> {
  return (await speakFestival(jobs, voice)).map(({ clip }) => clip);
}

/** The same, with the phones that are said, as the voice names them. */
export async function speakFestival(
  jobs: readonly FestivalJob[],
  voice: FestivalVoice,
): Promise<{ readonly clip: Float32Array; readonly phones: readonly string[] }[]> {
  const folder = await mkdtemp(join(tmpdir(), 'hearken-festival-'));
  try {
    // Diphone voices obey the duration parameter, statistical ones (HTS) the speech rate -r.
    const commands = jobs.map(
      ({ text, durationStretch }, index) =>
        `(Parameter.set 'Duration_Stretch ${durationStretch})
(set! hts_engine_params (cons (list "-r" ${1 / durationStretch}) statistical))
(set! utterance (Utterance Text "${text.replaceAll(/["\\]/g, '')}"))
(utt.synth utterance)
(utt.save.wave utterance "${join(folder, `${index}.wav`)}" 'riff)
(mapcar (lambda (segment) (format t "%s " (item.name segment))) (utt.relation.items utterance 'Segment))
(format t "\\n")`,
    );
    const setUp = `(voice_${voice})\n(set! statistical (if (boundp 'hts_engine_params) hts_engine_params nil))`;
    const answer = (await runFestival([setUp, ...commands].join('\n'), VOICES[voice].encoding)).toString();
    const lines = answer.split('\n');
    return await Promise.all(
      jobs.map(async (_, index) => ({
        clip: clipFromWav(await readFile(join(folder, `${index}.wav`))),
        phones: (lines[index] ?? '').trim().split(/\s+/),
      })),
    );
  } finally {
    await rm(folder, { recursive: true });
  }
}

async function runFestival(script: string, encoding: VoiceProperties['encoding'] = 'latin1'): Promise<Buffer> {
  const folder = await mkdtemp(join(tmpdir(), 'hearken-festival-'));
  try {
    const file = join(folder, 'script.scm');
    await writeFile(file, encoding === 'latin2' ? encodeLatin2(script) : Buffer.from(script, encoding));
    return await runProgram('festival', ['-b', file]);
  } finally {
    await rm(folder, { recursive: true });
  }
}

/** The bytes of ISO 8859-2, which Node.js reads but does not write. */
function encodeLatin2(text: string): Buffer {
  const decoder = new TextDecoder('iso-8859-2');
  const byteOf = new Map(Array.from({ length: 256 }, (_, byte) => [decoder.decode(Uint8Array.of(byte)), byte]));
  return Buffer.from(Array.from(text, (character) => byteOf.get(character) ?? '?'.charCodeAt(0)));
}
