import { HearkenError } from '../errors.ts';
import type { Cell } from '../cell/cell.ts';
import type { Axis } from '../cell/tensor-spec.ts';

/** The letters among the axes of `cell`'s inputs, in order of appearance. */
export function lettersOf({ inputs }: Cell): string[] {
  const axes = Object.values(inputs).flatMap(({ shape }) => shape);
  return [...new Set(axes.filter((axis) => typeof axis === 'string'))];
}

/** `axes` with sizes in place of letters. Throws `export/axes` on a letter without one. */
export function sizesOf(axes: readonly Axis[], letters: ReadonlyMap<string, number>): number[] {
  return axes.map((axis) => {
    const size = typeof axis === 'number' ? axis : letters.get(axis);
    if (size === undefined) {
      throw new HearkenError('export/axes', `Expected axis letter \`${axis}\` among those of the inputs, got none`);
    }
    return size;
  });
}
