import { CLIP_RATE } from '../../corpora/clip.ts';
import { between } from '../../corpora/draw.ts';
import type { Random } from '../../src/tensor/random.ts';

const LONGEST_CUT_SECONDS = 0.06;
const LONGEST_FADE_SECONDS = 0.03;

/**
 * An editor of clips who cuts too close: takes the same time from the start of each, and another from its end, and fades what is
 * left in and out. Clips that people recorded were cut apart by hand or by a level, and faint starts and ends went with it.
 */
export function randomTightTrim(random: Random): (clip: Float32Array) => Float32Array {
  const samples = (seconds: number): number => Math.round(between(random, 0, seconds) * CLIP_RATE);
  const [start, end] = [samples(LONGEST_CUT_SECONDS), samples(LONGEST_CUT_SECONDS)];
  const [rise, fall] = [samples(LONGEST_FADE_SECONDS), samples(LONGEST_FADE_SECONDS)];
  return (clip) => {
    const kept = clip.slice(start, Math.max(start, clip.length - end));
    for (let n = 0; n < rise; n++) kept[n] = ((kept[n] ?? 0) * n) / rise;
    for (let n = 0; n < fall; n++) {
      const at = kept.length - 1 - n;
      kept[at] = ((kept[at] ?? 0) * n) / fall;
    }
    return kept;
  };
}
