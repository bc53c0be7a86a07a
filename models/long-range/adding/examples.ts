/**
 * The adding problem: pairs of a number and a mark, two of which are set; asked is the sum of the two marked numbers.
 *
 * References: Hochreiter and Schmidhuber, 1997; generator after `adding_problem/utils.py` of https://github.com/locuslab/TCN (Bai et al., 2018,
 * https://arxiv.org/abs/1803.01271), where both marks may stand anywhere. To say 1 always has a mean squared error of 1/6.
 */
import type { Random } from '../../../src/tensor/random.ts';

export type AddingExample = {
  /** A number in [0, 1) and a mark, 0 or 1, for each time. */ readonly input: readonly number[];
  readonly numbers: readonly [number];
};

/** `length` pairs, 2 or more. */
export function addingProblem(length: number, random: Random): AddingExample {
  const values = Array.from({ length }, () => random.uniform());
  const first = random.integer(length);
  const other = random.integer(length - 1);
  const second = other < first ? other : other + 1;
  return {
    input: values.flatMap((value, place) => [value, place === first || place === second ? 1 : 0]),
    numbers: [values[first]! + values[second]!],
  };
}
