// `npm run data:pronunciations`: installs the CMU Pronouncing Dictionary from npm into .data/, which git ignores.
import { CMUDICT_FOLDER, CMUDICT_PACKAGE, hasCmudict, installCmudict } from '../corpora/pronunciations/cmudict.ts';

if (!(await hasCmudict())) {
  console.error(`fetching ${CMUDICT_PACKAGE}`);
  await installCmudict();
}
console.error(`pronunciations are in ${CMUDICT_FOLDER}`);
