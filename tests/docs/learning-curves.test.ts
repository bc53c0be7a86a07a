import { readFile } from 'node:fs/promises';
import { expect, test } from 'vitest';

import { BATTERY } from '../../models/long-range/battery.ts';
import { readResults } from '../../models/long-range/results.ts';
import { learningCurves } from '../../scripts/draw-learning-curves.ts';

test('the picture of the battery shows the learning curves that are kept with its results', async () => {
  const file = new URL('../../docs/long-range.svg', import.meta.url);
  const results = await readResults();
  const picture = await readFile(file, 'utf8');
  expect(picture, 'run npx tsx scripts/draw-learning-curves.ts').toBe(learningCurves(results));
  const shown = [
    ...picture.matchAll(
      /data-task="(?<task>[^"]*)" data-seed="\d+" data-updates="(?<updates>\d+)" data-value="(?<value>[^"]*)"/gu,
    ),
  ];
  expect(shown.map(({ groups }) => [groups!['task'], Number(groups!['updates']), Number(groups!['value'])])).toEqual(
    results.flatMap(({ task, curve }) =>
      curve.map(({ updates, error, loss }) => [task, updates, BATTERY[task].measure === 'accuracy' ? error : loss]),
    ),
  );
});
