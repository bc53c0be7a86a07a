/**
 * Copy memory: ten symbols, a long time of blanks, and then they are to be said again; before that, blanks.
 *
 * References: Hochreiter and Schmidhuber, 1997; Arjovsky et al., 2016, https://arxiv.org/abs/1511.06464; generator after `copy_memory/utils.py` of
 * https://github.com/locuslab/TCN (Bai et al., 2018, https://arxiv.org/abs/1803.01271), whose loss is the mean over all T + 20 places.
 */
import type { Random } from '../../../src/tensor/random.ts';
import type { CopyingExample } from '../selective-copying/examples.ts';

export const COPIED_SYMBOLS = 10;
/** Ids: 0 is the blank, 1 to 8 are copied, 9 announces and marks their time. */
export const ALPHABET = 10;
const MARKER = ALPHABET - 1;
const KINDS = 8;

/** Ten symbols, `delay` - 1 blanks and eleven markers; asked is a blank `delay` + 10 times, then the ten symbols. */
export function copyMemory(delay: number, random: Random): CopyingExample {
  const symbols = Array.from({ length: COPIED_SYMBOLS }, () => 1 + random.integer(KINDS));
  const zeros = (count: number): number[] => new Array<number>(count).fill(0);
  const markers = new Array<number>(COPIED_SYMBOLS + 1).fill(MARKER);
  return {
    input: [...symbols, ...zeros(delay - 1), ...markers],
    labels: [...zeros(delay + COPIED_SYMBOLS), ...symbols],
  };
}
