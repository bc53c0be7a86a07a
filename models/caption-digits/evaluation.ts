/** How many captions are right from end to end, by the number of digits, and how much of each name's attention lies on the digit that it names. */
import { packageFile } from '../../src/package-root.ts';
import { loadSequenceModel } from '../../src/sequence/load-model.ts';
import type { Hypothesis } from '../../src/sequence/model.ts';
import type { MeasureRequest, RowEvaluation } from '../row-evaluation.ts';
import { type Box, FEWEST, MOST, type Scene, sceneOf, SIDE } from './scenes.ts';
import { ATTENTIONS, type CaptionAttention } from './variants.ts';

/** Scenes of each number of digits, of the images for tests. */
const SCENES = 250;
/** Draws the test scenes; trainings have other images. */
const TEST_SEED = 1;

export type CaptionRow = {
  readonly attention: CaptionAttention;
  /** Digits of a scene. */ readonly digits: number;
  /** Share of captions that are right from end to end, 0 to 1; of several trainings the mean. */ readonly exact: number;
  /** Share of a name's attention on parts whose centers lie in the box of the digit that it names, 0 to 1; of captions that are right, and 0 where none is. */
  readonly pointing: number;
  /** Trainings that were measured. */ readonly seeds: number;
  /** Scenes of each. */ readonly scenes: number;
};

/** Rows are kept by `npx tsx scripts/compare-captions.ts`. */
export const CAPTIONS: RowEvaluation<CaptionRow> = {
  file: packageFile('models/caption-digits/results.json'),
  key: ['attention', 'digits'],
  columns: [
    ['attention', ({ attention }) => attention],
    ['digits', ({ digits }) => `${digits}`],
    ['exact %', ({ exact }) => (100 * exact).toFixed(1)],
    ['pointing %', ({ pointing }) => (100 * pointing).toFixed(1)],
    ['seeds', ({ seeds }) => `${seeds}`],
    ['scenes', ({ scenes }) => `${scenes}`],
  ],
  measure: ({ folder, config, onProgress }) => measureCaptions({ folder, config, onProgress }),
};

/** Measures the exported model in a folder. */
export async function measureCaptions({
  folder,
  config,
  onProgress,
}: Omit<MeasureRequest, 'isFull'>): Promise<CaptionRow[]> {
  const attention = ATTENTIONS.find((each) => config.name.endsWith(`-${each}`)) ?? 'soft';
  await using model = await loadSequenceModel(folder, { device: 'cpu' });
  const rows: CaptionRow[] = [];
  for (let digits = FEWEST; digits <= MOST; digits++) {
    const scenes = Array.from({ length: SCENES }, (_, index) => sceneOf('test', TEST_SEED, index, digits));
    const images = scenes.map(({ pixels }) => {
      return { height: SIDE, width: SIDE, channels: 1, pixels: Float32Array.from(pixels) };
    });
    const answers = await model.decodeAll(images);
    const right = scenes.flatMap((scene, index) => {
      const [best] = answers[index] ?? [];
      return best?.text === scene.caption ? [{ scene, best }] : [];
    });
    const pointed = right.flatMap(({ scene, best }) => pointingOf(scene, best));
    rows.push({
      attention,
      digits,
      exact: right.length / scenes.length,
      pointing: meanOf(pointed),
      seeds: 1,
      scenes: scenes.length,
    });
    onProgress(rows.length / (MOST - FEWEST + 1));
  }
  return rows;
}

/** Rows of the same, of several trainings, as one. */
export function pooledRow(rows: readonly CaptionRow[]): CaptionRow {
  const [first] = rows;
  if (first === undefined) throw new Error('Expected 1 row or more, got none');
  return {
    ...first,
    exact: meanOf(rows.map(({ exact }) => exact)),
    pointing: meanOf(rows.map(({ pointing }) => pointing)),
    seeds: rows.length,
  };
}

/** Of each digit of a scene the share of attention that its name, every second word of a right caption, paid to it. */
export function pointingOf(
  { boxes }: Pick<Scene, 'boxes'>,
  { alignment, grid }: Pick<Hypothesis, 'alignment' | 'grid'>,
): number[] {
  if (grid === undefined) return [];
  const { rows, columns } = grid;
  return boxes.map((box, digit) => {
    const shares = alignment[2 * digit] ?? [];
    return shares.reduce((sum, share, part) => {
      const row = ((Math.floor(part / columns) + 0.5) * SIDE) / rows;
      const column = (((part % columns) + 0.5) * SIDE) / columns;
      return isIn(box, row, column) ? sum + share : sum;
    }, 0);
  });
}

function isIn({ top, left, height, width }: Box, row: number, column: number): boolean {
  return row >= top && row < top + height && column >= left && column < left + width;
}

function meanOf(numbers: readonly number[]): number {
  return numbers.length === 0 ? 0 : numbers.reduce((sum, each) => sum + each, 0) / numbers.length;
}
