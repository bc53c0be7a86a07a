/**
 * Selective copying: tokens at random places among blanks are to be written down, in their order, at the markers behind.
 *
 * References: Jing et al., 2019, https://arxiv.org/abs/1706.02761 (the variable form); Gu and Dao, 2023, section 4.1.1,
 * https://arxiv.org/abs/2312.00752 (length 4,096, 16 tokens of a vocabulary of 16); generator after `src/dataloaders/datasets/copying.py` of
 * https://github.com/state-spaces/s4.
 */
import type { Random } from '../../../src/tensor/random.ts';

/** Ids: 0 is the blank, 1 to 14 are to be copied, 15 is the marker. */
export const ALPHABET = 16;
export const MARKER: number = ALPHABET - 1;
export const COPIED_TOKENS = 16;

export type CopyingExample = {
  readonly input: readonly number[];
  /** What is to be said at each input; -1 where nothing is asked. */ readonly labels: readonly number[];
};

/** `count` tokens among `length + count` places, then as many markers; asked at the markers. */
export function selectiveCopying(length: number, random: Random, count: number = COPIED_TOKENS): CopyingExample {
  const places = drawPlaces(length + count, count, random);
  const input = new Array<number>(length + count).fill(0);
  const copied = places.map(() => 1 + random.integer(ALPHABET - 2));
  for (const [index, place] of places.entries()) input[place] = copied[index]!;
  const markers = copied.map(() => MARKER);
  return { input: [...input, ...markers], labels: [...input.map(() => -1), ...copied] };
}

/** `count` distinct places of `places`, ascending, every choice alike likely (Floyd). */
function drawPlaces(places: number, count: number, random: Random): number[] {
  const chosen = new Set<number>();
  for (let last = places - count; last < places; last++) {
    const place = random.integer(last + 1);
    chosen.add(chosen.has(place) ? last : place);
  }
  return [...chosen].toSorted((a, b) => a - b);
}
