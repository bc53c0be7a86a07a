import { synthesiseCodes } from '../models/codes-en/synthesis.ts';

const folder = process.argv[2] ?? '.data/codes-en/synthesis';
const share = Number(process.argv[3] ?? 1);
let reported = -1;
await synthesiseCodes({
  folder,
  share,
  onProgress(done, total) {
    const percent = Math.floor((100 * done) / total);
    if (percent > reported) {
      reported = percent;
      process.stderr.write(`\rsynthesis ${percent} % (${done}/${total} utterances)`);
    }
  },
});
process.stderr.write('\n');
