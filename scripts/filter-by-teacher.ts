/**
 * Drops from the synthesised speech what a model mishears, and prints how much of each voice that was:
 * `npx tsx scripts/filter-by-teacher.ts [MODEL [FROM [TO]]]`.
 */
import { resolve } from 'node:path';

import { type FilteredVoice, filterByTeacher } from '../models/codes-en/teacher-filter.ts';
import { loadModel } from '../src/index.ts';
import { createProgressLine } from '../corpora/progress-line.ts';

const [model = 'models/codes-en', from = '.data/codes-en/synthesis', to = '.data/codes-en/understood'] =
  process.argv.slice(2);
if (resolve(from) === resolve(to)) throw new Error(`Expected another folder to write to, got ${to}, which is read`);
await using teacher = await loadModel(model);
const counts = await filterByTeacher({
  teacher,
  from,
  to,
  onProgress: createProgressLine('heard'),
});
process.stderr.write('\n');

const rows = new Map<string, FilteredVoice>();
for (const [voice, { checked, rejected }] of counts) {
  // "kokoro 12" is a setting of the synthesiser, "kokoro" the row that it counts in; espeak's voices are too many for rows.
  for (const name of [voice.replace(/^(espeak).*| \d+$/, '$1'), 'all']) {
    const sum = rows.get(name) ?? { checked: 0, rejected: 0 };
    rows.set(name, { checked: sum.checked + checked, rejected: sum.rejected + rejected });
  }
}
console.table(
  [...rows].map(([voice, row]) => ({ voice, ...row, percent: Math.round((100 * row.rejected) / row.checked) })),
);
