/**
 * Fits how sure a model of speech is of its words to how often they are right, on speakers of the development sets only, and writes it to the
 * model's `config.json`: `npx tsx scripts/fit-confidence.ts models/codes-en [--dry-run]`. Takes minutes; needs `npm run data:speech`.
 */
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

import { type Judged, calibrationOf, fitConfidence } from '../corpora/calibration.ts';
import { CLEAN, evaluate } from '../corpora/evaluation.ts';
import type { Condition } from '../corpora/evaluation-sets.ts';
import { judge, type ScoredItem } from '../corpora/scores.ts';
import { loadModel } from '../src/index.ts';
import type { ConfidenceOptions } from '../src/model/decoding.ts';
import { calibrated, logitOf } from '../src/recognizer/confidence.ts';

const SETS = ['human-dev', 'human-extra'] as const;
const GRAMMARS = ['digits', 'codes'];
const CONDITIONS: readonly Condition[] = [
  CLEAN,
  ...(['white', 'music', 'babble'] as const).map((noise) => ({ noise, snr: 10 })),
  { noise: 'babble', snr: 5 },
];

const [folder, ...flags] = process.argv.slice(2);
if (folder === undefined || flags.some((flag) => flag !== '--dry-run')) {
  throw new TypeError('Expected a model folder and perhaps --dry-run');
}
const file = join(folder, 'config.json');
const config = JSON.parse(await readFile(file, 'utf8')) as { decoding: { confidence?: ConfidenceOptions } }; // it is a model's
const { scale, shift } = config.decoding.confidence ?? { scale: 1, shift: 0 };
/** The share that the search gave a word whose confidence is what the fit until now makes of it. */
const shareOf = (confidence: number): number => 1 / (1 + Math.exp((shift - logitOf(confidence)) / scale));

const judged = new Map<string, Judged[]>();
await using model = await loadModel(folder);
for (const set of SETS) {
  for (const grammar of GRAMMARS) {
    for (const condition of CONDITIONS) {
      const heard: ScoredItem[] = [];
      await evaluate({ model, set, grammar, condition, peer: false, onHeard: (item) => heard.push(item) });
      for (const item of heard) {
        const own = judge([item]).map((one) => ({ ...one, confidence: shareOf(one.confidence) }));
        judged.set(item.speaker, [...(judged.get(item.speaker) ?? []), ...own]);
      }
      process.stderr.write(`${set}, ${grammar}, ${condition.noise} ${condition.snr}\n`);
    }
  }
}
const fitted = fitConfidence([...judged.values()]);
const confidence = { scale: Number(fitted.scale.toFixed(3)), shift: Number(fitted.shift.toFixed(3)) };
const all = [...judged.values()].flat();
const after = all.map((one) => ({ ...one, confidence: calibrated(one.confidence, confidence) }));
console.log(`${all.length} words of ${judged.size} speakers: scale ${confidence.scale}, shift ${confidence.shift}`);
const [was, is] = [all, after].map((words) => calibrationOf(words).expectedCalibrationError.toFixed(4));
console.log(`expected calibration error on them: ${was} before, ${is} after`);
if (flags.length === 0) {
  config.decoding.confidence = confidence;
  await writeFile(file, `${JSON.stringify(config, undefined, 2)}\n`);
}
