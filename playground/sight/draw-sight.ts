/** A drawing, and where a word looked at it: parts that were looked at glow. */
import type { Surface } from '../../console/canvas/canvas.tsx';
import { mixed, type Rgb } from '../../console/canvas/palette.ts';
import type { Picture } from '../../src/sequence/picture.ts';
import { SIDE } from './drawing.ts';

/** Shares of attention of the parts of an image, which stand in rows and columns. */
export type Look = { readonly rows: number; readonly columns: number; readonly shares: readonly number[] };

const BLACK: Rgb = [0, 0, 0];
const WHITE: Rgb = [255, 255, 255];

export function drawSight({ context, width, height, palette }: Surface, { pixels }: Picture, look?: Look): void {
  const size = Math.min(width, height);
  const pixel = size / SIDE;
  const most = Math.max(...(look?.shares ?? []), Number.MIN_VALUE);
  for (let row = 0; row < SIDE; row++) {
    for (let column = 0; column < SIDE; column++) {
      const bright = pixels[row * SIDE + column]!;
      const glow = look === undefined ? 0 : shareAt(look, row, column) / most;
      const ground = BLACK.map((value, index) => value + 0.8 * glow * (palette.mix.glow[index]! - value));
      context.fillStyle = mixed([ground[0]!, ground[1]!, ground[2]!], WHITE, bright);
      context.fillRect(column * pixel, row * pixel, pixel + 0.5, pixel + 0.5);
    }
  }
}

function shareAt({ rows, columns, shares }: Look, row: number, column: number): number {
  return shares[Math.floor((row * rows) / SIDE) * columns + Math.floor((column * columns) / SIDE)]!;
}

/** Where a look fell, for people who do not see it. */
export function describeLook({ rows, columns, shares }: Look): string {
  const most = shares.indexOf(Math.max(...shares));
  const [row, column] = [Math.floor(most / columns), most % columns];
  const down = row < rows / 3 ? 'top' : row < (2 * rows) / 3 ? 'middle' : 'bottom';
  const across = column < columns / 3 ? 'left' : column < (2 * columns) / 3 ? 'middle' : 'right';
  return down === across ? 'the middle' : `${down} ${across}`;
}
