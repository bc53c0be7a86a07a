// `npm run data:speech`: fetches human speech, music and babble from Debian packages into .data/, which git ignores.
// `npm run data:speech -- --no-noise`: builds no music and babble, which only training and noisy evaluations need.
import { buildNoiseBanks, readNoiseBank } from '../corpora/noise.ts';
import { missingPackages, SPEECH_PACKAGES, unpackPackage } from '../corpora/packages.ts';

const PACKAGES_FOLDER = '.data/packages';
const NOISE_FOLDER = '.data/noise';

for (const name of await missingPackages(PACKAGES_FOLDER, SPEECH_PACKAGES)) {
  console.error(`fetching ${name}`);
  await unpackPackage(PACKAGES_FOLDER, name);
}
const wantsNoise = !process.argv.includes('--no-noise');
const hasNoise = await readNoiseBank(NOISE_FOLDER, 'test').then(
  () => true,
  () => false,
);
if (wantsNoise && !hasNoise) {
  console.error(`building music and babble in ${NOISE_FOLDER}`);
  await buildNoiseBanks(PACKAGES_FOLDER, NOISE_FOLDER);
}
console.error(`speech is in ${PACKAGES_FOLDER}`);
