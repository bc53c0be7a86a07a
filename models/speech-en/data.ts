/** Everything that speech-en is trained on: fetched and synthesised where it is not there yet. */
import { join } from 'node:path';

import { buildNoiseBanks, readNoiseBank } from '../../corpora/noise.ts';
import { missingPackages, SPEECH_PACKAGES, unpackPackage } from '../../corpora/packages.ts';
import { createProgressLine } from '../../corpora/progress-line.ts';
import { hasSoundBank } from '../../corpora/sound-bank.ts';
import { synthesizeEnglish } from './english.ts';
import { collectOtherLanguages } from './other-languages.ts';
import { readTexts } from './texts.ts';

export type SpeechData = { readonly english: string; readonly others: string; readonly noise: string };

const PACKAGES_FOLDER = '.data/packages';
const NOISE_FOLDER = '.data/noise';
const FOLDER = '.data/speech-en';

/**
 * The folders of the banks, made where they are not there, with progress on stderr; a run that was cut short goes on after the last synthesiser that it
 * finished. `share` is how much is made, in (0, 1]; less for a trial, in a folder of its own. Throws `corpora/...`, with the line that installs what is
 * missing.
 */
export async function prepareSpeech(share = 1, folder: string = FOLDER): Promise<SpeechData> {
  for (const name of await missingPackages(PACKAGES_FOLDER, SPEECH_PACKAGES)) {
    process.stderr.write(`fetching ${name}\n`);
    await unpackPackage(PACKAGES_FOLDER, name);
  }
  const hasNoise = await readNoiseBank(NOISE_FOLDER, 'train').then(
    () => true,
    () => false,
  );
  if (!hasNoise) await buildNoiseBanks(PACKAGES_FOLDER, NOISE_FOLDER);
  const [english, others] = [join(folder, 'english'), join(folder, 'others')];
  if (!(await hasSoundBank(others))) {
    const most = Math.round(12_000 * share);
    const onProgress = createProgressLine('other languages', 'recordings');
    await collectOtherLanguages({ folder: others, root: PACKAGES_FOLDER, most, onProgress });
    process.stderr.write('\n');
  }
  if (!(await hasSoundBank(english))) {
    const texts = await readTexts(PACKAGES_FOLDER);
    await synthesizeEnglish({ folder: english, texts, share, onProgress: createProgressLine('synthesis') });
    process.stderr.write('\n');
  }
  return { english, others, noise: NOISE_FOLDER };
}
