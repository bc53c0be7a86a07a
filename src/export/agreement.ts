/** Holds an exported graph against the cell it was traced from. */
import { HearkenError } from '../errors.ts';
import type { Cell } from '../cell/cell.ts';
import { drawInputs } from '../cell/draw-inputs.ts';
import type { Executor } from '../cell/executor.ts';
import type { HostArray, HostArrays } from '../tensor/host-array.ts';
import { Random } from '../tensor/random.ts';
import { lettersOf } from './axis-letters.ts';
import type { Precision } from './onnx-graph.ts';

/**
 * Largest difference between an output of onnxruntime and one of tfjs, by the precision of the graph: as a share of the largest number in the
 * output, where that is above 1, since the steps between numbers grow with them.
 */
export const LARGEST_DIFFERENCES: Readonly<Record<Precision, number>> = { float32: 1e-4, float16: 1e-2 };

/** Sizes that a cell's axis letters take in turn, in order of appearance: alone, small and unequal, many. */
const TRIALS = [
  [1, 1, 1, 1, 1],
  [1, 7, 3, 2, 4],
  [3, 2, 5, 7, 1],
  [5, 16, 9, 1, 3],
  [16, 5, 40, 3, 2],
] as const;

/**
 * The largest difference between what `tested` and `reference` give for `cell` on random inputs at several sizes.
 * Throws `export/disagrees` where they give other outputs, other shapes or numbers further apart than `LARGEST_DIFFERENCES`.
 */
export async function assertAgreement(
  cell: Cell,
  tested: Executor,
  reference: Executor,
  precision: Precision,
): Promise<number> {
  const largest = LARGEST_DIFFERENCES[precision];
  const random = Random.seeded(1);
  let worst = 0;
  for (const sizes of TRIALS) {
    const inputs = randomInputs(cell, sizes, random);
    const expected = await reference.run(cell.name, inputs);
    const got = await tested.run(cell.name, inputs);
    for (const name of Object.keys(cell.outputs)) {
      const difference = differenceOf(expected[name], got[name]);
      if (!(difference <= largest))
        throw disagreement(`\`${name}\` of the graph of \`${cell.name}\``, inputs, difference, largest);
      worst = Math.max(worst, difference);
    }
  }
  return worst;
}

function disagreement(output: string, inputs: HostArrays, difference: number, largest: number): HearkenError {
  const shapes = Object.entries(inputs).map(([name, { shape }]) => `${name} [${shape.join(', ')}]`);
  const found = Number.isNaN(difference) ? 'other shapes or values that are no numbers' : difference.toExponential(1);
  return new HearkenError(
    'export/disagrees',
    `Expected output ${output} to agree with tfjs to ${largest}, got ${found} for ${shapes.join(', ')}`,
  );
}

/** The largest difference, as `LARGEST_DIFFERENCES` counts it; NaN where shapes differ or a value is no number. */
function differenceOf(expected: HostArray | undefined, got: HostArray | undefined): number {
  if (expected === undefined || got === undefined || expected.shape.join() !== got.shape.join()) return Number.NaN;
  let [worst, unit] = [0, 1];
  for (const [index, value] of expected.data.entries()) {
    const difference = Math.abs(value - got.data[index]!);
    if (Number.isNaN(difference)) return Number.NaN;
    worst = Math.max(worst, difference);
    unit = Math.max(unit, Math.abs(value));
  }
  return worst / unit;
}

function randomInputs(cell: Cell, sizes: readonly number[], random: Random): HostArrays {
  const letters = lettersOf(cell);
  if (letters.length > sizes.length) {
    throw new HearkenError(
      'export/axes',
      `Expected cell \`${cell.name}\` to have at most ${sizes.length} axis letters, got ${letters.join(', ')}`,
    );
  }
  return drawInputs(cell.inputs, Object.fromEntries(letters.map((letter, index) => [letter, sizes[index]!])), random);
}
