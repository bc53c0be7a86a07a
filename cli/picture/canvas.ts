import { PNG } from 'pngjs';

import { CHARACTER, type Font } from './font.ts';

/** Red, green, blue, 0..255 each. */
export type Color = readonly [red: number, green: number, blue: number];

/** Pixels to draw on; whatever lies outside is cut off. */
export type Canvas = {
  readonly width: number;
  readonly height: number;
  /** Fills the pixels `[x, x + width) x [y, y + height)`, edges rounded to whole pixels. */
  rectangle(x: number, y: number, width: number, height: number, color: Color): void;
  /** Writes `text` with its upper left corner at (x, y). */
  text(x: number, y: number, text: string, color: Color): void;
  /** The picture as a PNG file. */
  encode(): Uint8Array;
};

/** A white canvas. */
export function createCanvas(width: number, height: number, font: Font): Canvas {
  const png = new PNG({ width, height });
  png.data.fill(255);
  const blend = (x: number, y: number, color: Color, opacity: number): void => {
    if (x < 0 || x >= width || y < 0 || y >= height) return;
    const offset = 4 * (y * width + x);
    for (const [channel, value] of color.entries()) {
      const below = png.data[offset + channel] ?? 0;
      png.data[offset + channel] = Math.round(below + (value - below) * opacity);
    }
  };
  return {
    width,
    height,
    rectangle(x, y, w, h, color) {
      const [left, right] = [Math.max(0, Math.round(x)), Math.min(width, Math.round(x + w))];
      const [top, bottom] = [Math.max(0, Math.round(y)), Math.min(height, Math.round(y + h))];
      for (let row = top; row < bottom; row++) {
        for (let offset = 4 * (row * width + left); offset < 4 * (row * width + right); offset += 4) {
          png.data[offset] = color[0];
          png.data[offset + 1] = color[1];
          png.data[offset + 2] = color[2];
        }
      }
    },
    text(x, y, text, color) {
      for (const [index, character] of Array.from(text).entries()) {
        for (let row = 0; row < CHARACTER.height; row++) {
          for (let column = 0; column < CHARACTER.width; column++) {
            const opacity = font(character, column, row) / 255;
            if (opacity > 0)
              blend(Math.round(x) + index * CHARACTER.width + column, Math.round(y) + row, color, opacity);
          }
        }
      }
    },
    encode: () => PNG.sync.write(png, { colorType: 2 }),
  };
}

/** Width of `text` in pixels. */
export function textWidth(text: string): number {
  return Array.from(text).length * CHARACTER.width;
}
