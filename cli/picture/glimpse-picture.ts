/** Where each word of a caption looks, as an SVG picture: the image once for each word, the brighter a part the larger its share of the attention. */
import { PNG } from 'pngjs';

import type { GrayImage } from './pgm.ts';

export type Glimpses = {
  readonly image: GrayImage;
  readonly words: readonly string[];
  /** For each word the shares of the parts, row by row. */ readonly alignment: readonly (readonly number[])[];
  readonly grid: { readonly rows: number; readonly columns: number };
};

/** Width of an image, in pixels, and sizes of what stands around it. */
const WIDTH = 128;
const GAP = 12;
const LABEL = 22;
/** Images beside each other. */
const MOST_IN_ROW = 5;
const LEAST_SHARE = 0.005;
const [INK, LIGHT] = ['#14324f', '#ffb000'];

/** The picture. */
export function glimpsePicture({ image, words, alignment, grid }: Glimpses): string {
  const height = Math.round((WIDTH * image.height) / image.width);
  const columns = Math.max(1, Math.min(MOST_IN_ROW, words.length));
  const rows = Math.max(1, Math.ceil(words.length / MOST_IN_ROW));
  const size = [GAP + columns * (WIDTH + GAP), GAP + rows * (LABEL + height + GAP)];
  const looks = words.map((word, index) => {
    const x = GAP + (index % MOST_IN_ROW) * (WIDTH + GAP);
    const y = GAP + Math.floor(index / MOST_IN_ROW) * (LABEL + height + GAP) + LABEL;
    const cell = { width: WIDTH / grid.columns, height: height / grid.rows };
    const parts = (alignment[index] ?? []).flatMap((share, part) => {
      if (!(share >= LEAST_SHARE)) return [];
      const [left, top] = [(part % grid.columns) * cell.width, Math.floor(part / grid.columns) * cell.height];
      const opacity = (0.75 * Math.min(1, share)).toFixed(3);
      return [
        `<rect x="${x + left}" y="${y + top}" width="${cell.width}" height="${cell.height}" fill="${LIGHT}" fill-opacity="${opacity}"><title>${(100 * share).toFixed(1)} %</title></rect>`,
      ];
    });
    return [
      `<text x="${x + WIDTH / 2}" y="${y - 7}" text-anchor="middle" fill="${INK}">${escaped(word)}</text>`,
      `<use href="#seen" x="${x}" y="${y}"/>`,
      ...parts,
    ].join('\n');
  });
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" width="${size[0]}" height="${size[1]}" viewBox="0 0 ${size[0]} ${size[1]}" font-family="monospace" font-size="14">`,
    `<rect width="${size[0]}" height="${size[1]}" fill="#ffffff"/>`,
    `<defs><image id="seen" width="${WIDTH}" height="${height}" style="image-rendering: pixelated" href="data:image/png;base64,${pngOf(image)}"/></defs>`,
    ...looks,
    '</svg>',
    '',
  ].join('\n');
}

function pngOf({ width, height, pixels }: GrayImage): string {
  const png = new PNG({ width, height, colorType: 0 });
  for (const [index, pixel] of pixels.entries()) {
    const level = Math.round(255 * Math.min(1, Math.max(0, pixel)));
    png.data.set([level, level, level, 255], 4 * index);
  }
  return PNG.sync.write(png, { colorType: 0 }).toString('base64');
}

function escaped(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
}
