/**
 * What translating without a model is worth on the held-out messages that `npm run data:catalogs` makes: the source itself, the most alike
 * text of training, and words one by one. `--json` has the sizes of the parts beside them.
 */
import { readFile } from 'node:fs/promises';

import { readPart } from '../corpora/catalogs/data-set.ts';
import { baselineScores, wordTranslations } from '../corpora/translation/baseline-scores.ts';
import { bleu } from '../src/text/bleu.ts';
import { chrf } from '../src/text/chrf.ts';
import { DATA_FOLDER } from '../models/translate-en-de/examples.ts';

export default async function translation(): Promise<{
  rows: Record<string, unknown>[];
  notes: string[];
  figures: Record<string, unknown>;
}> {
  const [train, test] = [await readPart(DATA_FOLDER, 'train'), await readPart(DATA_FOLDER, 'test')];
  const { packages, ...data } = JSON.parse(await readFile(`${DATA_FOLDER}/report.json`, 'utf8')) as {
    packages: Record<string, string>; // as `writeDataSet` writes it
  };
  const scores = baselineScores(train, test, wordTranslations(train).forward);
  const rows = Object.entries(scores).map(([baseline, { chrf: characters, chrfPlusPlus, bleu: words }]) => ({
    baseline,
    chrF2: characters.toFixed(2),
    'chrF2++': chrfPlusPlus.toFixed(2),
    BLEU: words.toFixed(2),
  }));
  const references = test.map(({ target }) => target);
  const signatures = {
    chrF2: chrf(references, references).signature,
    'chrF2++': chrf(references, references, { wordOrder: 2 }).signature,
    BLEU: bleu(references, references).signature,
  };
  return {
    rows,
    notes: [
      `${test.length} messages of programs that training has not; ${train.length} pairs to look up`,
      ...Object.entries(signatures).map(([name, signature]) => `${name}|${signature}`),
    ],
    figures: { data: { ...data, packages: Object.keys(packages).length } },
  };
}
