// `npx tsx scripts/assemble-recall-speech.ts [RUN]`: makes models/recall-speech of what was trained in RUN (.runs/recall-speech) and of the encoder of
// codes-en, and exports its graphs.
import { RECALL_SPEECH_CONFIG } from '../models/recall-speech/config.ts';
import { loadBackend } from '../src/backend/backends.ts';
import { stackedWeights } from '../src/encoder/stacked-encoder.ts';
import { exportModel } from '../src/export/export-model.ts';
import { readModelCheckpoint, writeCheckpoint } from '../src/model/checkpoint.ts';

const FOLDER = 'models/recall-speech';
const [run = '.runs/recall-speech'] = process.argv.slice(2);

const isOfEncoder = ([name]: readonly [string, unknown]): boolean => name.startsWith('encoder.');
const lower = await readModelCheckpoint('models/codes-en');
const upper = await readModelCheckpoint(run);
const weights = {
  ...Object.fromEntries(Object.entries(lower.weights).filter(isOfEncoder)),
  ...stackedWeights(upper.weights),
  ...Object.fromEntries(Object.entries(upper.weights).filter((entry) => !isOfEncoder(entry))),
};
const { training } = upper.config;
const config = { ...RECALL_SPEECH_CONFIG, ...(training === undefined ? {} : { training }) };
await writeCheckpoint(FOLDER, { config, weights });
await loadBackend();
await exportModel(FOLDER, {
  onCell: ({ cell, bytes, worstDifference }) =>
    console.log(`${cell}: ${bytes} bytes, ${worstDifference.toExponential(1)}`),
});
