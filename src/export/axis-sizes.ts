/**
 * Dynamic axes while tracing. A cell is traced with a large prime in place of each axis letter, so that host code which
 * reads `tensor.shape` and computes with it (`batch * length`, `length + 2`) leaves numbers that tell where they came from.
 */
import { HearkenError } from '../errors.ts';
import type { Cell } from '../cell/cell.ts';
import type { Axis } from '../cell/tensor-spec.ts';

/**
 * Stand-ins for axis letters: primes whose differences are dynamic sizes too, and none of whose small multiples, sums or
 * differences come within 800 of another or within 300 of a power of two or three times one. Large enough not to occur
 * as a size of a model; the first, mostly the batch, small enough that `tf.zeros([batch, units])` can be afforded.
 */
const STAND_INS = [25_247, 65_129, 103_811, 124_981, 138_731] as const;

/** Sizes below this are never dynamic. */
export const SMALLEST_DYNAMIC_SIZE = 10_000;

/** Largest `d` for which `stand-in + d` is read as a dynamic size. */
const LARGEST_OFFSET = 256;

const LARGEST_COEFFICIENT = 4;

/** How a size computed by host code follows from the axes of traced tensors. */
export type SizeExpression =
  | { readonly kind: 'constant'; readonly value: number }
  /** The size of an axis that has been seen. */
  | { readonly kind: 'axis'; readonly size: number }
  | { readonly kind: 'product'; readonly size: number; readonly factor: SizeExpression }
  /** `sum(coefficient * size) + offset` */
  | { readonly kind: 'linear'; readonly terms: readonly LinearTerm[]; readonly offset: number };

export type LinearTerm = { readonly size: number; readonly coefficient: number };

/** A stand-in for each letter among the axes of `cell`'s inputs. Throws `export/axes` beyond five letters. */
export function standInsOf(cell: Cell): ReadonlyMap<string, number> {
  const axes = Object.values(cell.inputs).flatMap(({ shape }) => shape);
  const letters = [...new Set(axes.filter((axis) => typeof axis === 'string'))];
  if (letters.length > STAND_INS.length) {
    throw new HearkenError(
      'export/axes',
      `Expected cell \`${cell.name}\` to have at most ${STAND_INS.length} axis letters, got ${letters.join(', ')}`,
    );
  }
  return new Map(letters.map((letter, index) => [letter, STAND_INS[index] ?? 0]));
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

/**
 * Explains `size` by `known`, the dynamic sizes of tensors traced so far: as one of them, as a product, as a sum or
 * difference of up to two with a small offset, otherwise as a constant. A wrong guess is possible in principle;
 * exported graphs are therefore checked against tfjs at several sizes.
 */
export function explainSize(size: number, known: Iterable<number>): SizeExpression {
  if (size < SMALLEST_DYNAMIC_SIZE) return { kind: 'constant', value: size };
  const sizes = [...known].toSorted((a, b) => b - a);
  if (sizes.includes(size)) return { kind: 'axis', size };
  const divisor = sizes.find((each) => size % each === 0);
  if (divisor !== undefined) return { kind: 'product', size: divisor, factor: explainSize(size / divisor, sizes) };
  return explainLinearly(size, sizes) ?? { kind: 'constant', value: size };
}

/** The combination of one or two of `sizes` that comes closest to `size`, fewest terms first. */
function explainLinearly(size: number, sizes: readonly number[]): SizeExpression | undefined {
  const singles = sizes.flatMap((each) =>
    Array.from({ length: LARGEST_COEFFICIENT }, (_, index) => [{ size: each, coefficient: index + 1 }]),
  );
  const pairs = sizes.flatMap((left) =>
    sizes.flatMap((right) =>
      [1, -1].map((coefficient) => [
        { size: left, coefficient: 1 },
        { size: right, coefficient },
      ]),
    ),
  );
  for (const candidates of [singles, pairs]) {
    const offsets = candidates.map((terms) => size - valueOf(terms));
    const best = offsets.reduce((nearest, offset, index) => {
      return Math.abs(offset) < Math.abs(offsets[nearest] ?? Infinity) ? index : nearest;
    }, 0);
    const offset = offsets[best];
    const terms = candidates[best];
    if (terms !== undefined && offset !== undefined && Math.abs(offset) <= LARGEST_OFFSET) {
      return { kind: 'linear', terms, offset };
    }
  }
  return undefined;
}

function valueOf(terms: readonly LinearTerm[]): number {
  return terms.reduce((sum, { size, coefficient }) => sum + size * coefficient, 0);
}
