/** A drawing, bright on black, as a model of images takes it in. */
import type { Picture } from '../../src/sequence/picture.ts';

/** Rows and columns of pixels. */
export const SIDE = 64;
/** Pixels from the middle of a stroke to where it ends. */
const RADIUS = 1.7;

export const BLANK: Picture = { height: SIDE, width: SIDE, channels: 1, pixels: new Float32Array(SIDE * SIDE) };

/** A place in a drawing, in pixels from its top left corner. */
export type Place = { readonly x: number; readonly y: number };

/** The drawing with a stroke from one place to another; what was bright stays as bright. */
export function withStroke(drawing: Picture, from: Place, to: Place): Picture {
  const pixels = drawing.pixels.slice();
  for (let index = 0; index < pixels.length; index++) {
    const place = { x: (index % SIDE) + 0.5, y: Math.floor(index / SIDE) + 0.5 };
    const bright = Math.min(1, Math.max(0, RADIUS + 0.5 - distance(place, from, to)));
    pixels[index] = Math.max(pixels[index]!, bright);
  }
  return { ...drawing, pixels };
}

/** Of a place from the line between two others. */
function distance({ x, y }: Place, from: Place, to: Place): number {
  const [across, down] = [to.x - from.x, to.y - from.y];
  const length = across * across + down * down;
  const along = length === 0 ? 0 : Math.min(1, Math.max(0, ((x - from.x) * across + (y - from.y) * down) / length));
  return Math.hypot(x - from.x - along * across, y - from.y - along * down);
}

/** The brightness of what a browser decoded, `[SIDE, SIDE]` pixels of red, green, blue and opacity, 0..255. */
export function drawingOf(rgba: ArrayLike<number>): Picture {
  const pixels = Float32Array.from({ length: SIDE * SIDE }, (_, index) => {
    const [red, green, blue] = [rgba[4 * index]!, rgba[4 * index + 1]!, rgba[4 * index + 2]!];
    return (0.299 * red + 0.587 * green + 0.114 * blue) / 255;
  });
  return { ...BLANK, pixels };
}
