/** All that was measured of recall-tokens in one table: a row a model, what it costs and what it gives back near, farther and far. */
import type { RecallRow } from './evaluation.ts';
import { PAIRS, TASKS } from './tasks.ts';
import { VARIANTS } from './variants.ts';

/** Lengths that most models are measured at; of those that are not the nearest one is shown, and told. */
const SHOWN = [512, 4_096, 65_536] as const;

export const ABLATION_HEADER: readonly string[] = [
  'task',
  'model',
  'seed',
  'rate',
  'parameters',
  'state bytes',
  'loss at the end',
  'updates until solved',
  ...SHOWN.map((length) => `right % at ${length.toLocaleString('en')}`),
];

/** Cells of the rows, tasks and variants in their order. Accuracies of a keyed model are those of 4, 16 and 64 pairs. */
export function ablationRows(rows: readonly RecallRow[]): string[][] {
  const models = new Map<string, RecallRow[]>();
  for (const row of rows) {
    const key = [row.task, row.model, row.seed, row.rate].join();
    models.set(key, [...(models.get(key) ?? []), row]);
  }
  const sorted = [...models.values()].toSorted(([a], [b]) => {
    const [one, other] = [a!, b!]; // no group is empty
    return (
      TASKS.indexOf(one.task) - TASKS.indexOf(other.task) ||
      VARIANTS.indexOf(one.model) - VARIANTS.indexOf(other.model) ||
      one.rate - other.rate ||
      one.seed - other.seed
    );
  });
  return sorted.map(ablationRow);
}

function ablationRow(rows: readonly RecallRow[]): string[] {
  const { task, model, seed, rate, parameters } = rows[0]!; // no group is empty
  const { loss, solvedAfter } = rows.find((row) => row.loss !== undefined) ?? {};
  const far = rows.find(({ n }) => n === nearest(rows, SHOWN[2]))!; // that length is one of theirs
  return [
    task,
    model,
    `${seed}`,
    `${rate}`,
    `${parameters}`,
    far.stateBytes.toLocaleString('en'),
    loss === undefined ? 'not recorded' : loss.toPrecision(3),
    loss === undefined ? 'not recorded' : (solvedAfter?.toString() ?? 'never'),
    ...SHOWN.map((length) => accuracyCell(rows, length)),
  ];
}

function accuracyCell(rows: readonly RecallRow[], length: number): string {
  const shown = nearest(rows, length);
  const own = rows.filter(({ n }) => n === shown);
  const told = own[0]?.pairs === undefined ? own : PAIRS.flatMap((pairs) => own.filter((row) => row.pairs === pairs));
  const shares = told.map(({ accuracy }) => (100 * accuracy).toFixed(1)).join(' / ');
  return shown === length ? shares : `${shares} (at ${shown.toLocaleString('en')})`;
}

/** The measured length that is nearest to `length`, by ratio. */
function nearest(rows: readonly RecallRow[], length: number): number {
  const distance = (n: number): number => Math.abs(Math.log(n / length));
  return rows.map(({ n }) => n).reduce((best, n) => (distance(n) < distance(best) ? n : best));
}
