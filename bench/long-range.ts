/** The standard tasks of long memory: what was measured of the models of `models/long-range`, beside published figures. Trains and runs nothing. */
import { readResults, type Row, rowsOf } from '../models/long-range/results.ts';

export default async function benchLongRange(): Promise<{ rows: Row[]; notes: string[]; figures: object }> {
  const results = await readResults();
  const induction = results.filter(({ task }) => task === 'induction-heads');
  return {
    rows: rowsOf(results),
    figures: { results },
    notes: [
      'A figure is the worst of its lengths and seeds; minutes are those of the training, where they were counted.',
      'Figures of the bars are those of their papers, whose data and training differ: see models/long-range/README.md.',
      ...induction.map(
        ({ seed, tests }) =>
          `induction heads, seed ${seed}, accuracy % by length (sequences): ${tests.map(({ length, error, trials }) => `${length}: ${Number((100 * (1 - error)).toFixed(2))} (${trials})`).join(', ')}`,
      ),
      'Measured by npx tsx scripts/evaluate-long-range.ts TASK, which keeps its figures in models/long-range/results.json.',
    ],
  };
}
