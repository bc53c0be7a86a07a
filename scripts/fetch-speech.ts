// `npm run data:speech`: fetches human speech, music and babble from Debian packages into .data/, which git ignores.
import { buildNoiseBanks, readNoiseBank } from '../corpora/noise.ts';
import { missingPackages, SPEECH_PACKAGES, unpackPackage } from '../corpora/packages.ts';

const PACKAGES_FOLDER = '.data/packages';
const NOISE_FOLDER = '.data/noise';

for (const name of await missingPackages(PACKAGES_FOLDER, SPEECH_PACKAGES)) {
  console.error(`fetching ${name}`);
  await unpackPackage(PACKAGES_FOLDER, name);
}
const hasNoise = await readNoiseBank(NOISE_FOLDER, 'test').then(
  () => true,
  () => false,
);
if (!hasNoise) {
  console.error(`building music and babble in ${NOISE_FOLDER}`);
  await buildNoiseBanks(PACKAGES_FOLDER, NOISE_FOLDER);
}
console.error(`speech is in ${PACKAGES_FOLDER}, noise in ${NOISE_FOLDER}`);
