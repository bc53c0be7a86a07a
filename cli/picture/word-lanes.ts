/** Places labels side by side on as few lines as they need, so that none covers another. */

/** A text that is to stand around a place on an axis, both in pixels. */
export type Label = { readonly text: string; readonly center: number; readonly width: number };

export type PlacedLabel = {
  readonly text: string;
  readonly x: number;
  /** Lane of the word, from 0, the topmost. */
  readonly lane: number;
};

export type Lanes = {
  readonly placed: readonly PlacedLabel[];
  readonly laneCount: number;
  /** Labels for which there was no room. */ readonly leftOut: number;
};

/** Labels in the order of their centers, each in the first of at most `maximum` lanes that has room for it, `gap` pixels apart. */
export function placeLabels(
  labels: readonly Label[],
  { gap, maximum }: { readonly gap: number; readonly maximum: number },
): Lanes {
  const free: number[] = [];
  const placed = labels.flatMap(({ text, center, width }): PlacedLabel[] => {
    const x = center - width / 2;
    const open = free.findIndex((from) => from <= x);
    const lane = open >= 0 ? open : free.length;
    if (lane === maximum) return [];
    free[lane] = x + width + gap;
    return [{ text, x, lane }];
  });
  return { placed, laneCount: free.length, leftOut: labels.length - placed.length };
}
