import { synthesizeCodes } from '../models/codes-en/synthesis.ts';
import { createProgressLine } from '../corpora/progress-line.ts';

const folder = process.argv[2] ?? '.data/codes-en/synthesis';
const share = Number(process.argv[3] ?? 1);
await synthesizeCodes({
  folder,
  share,
  onProgress: createProgressLine('synthesis'),
});
process.stderr.write('\n');
