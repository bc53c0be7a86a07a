import { readFileSync } from 'node:fs';
import { PNG } from 'pngjs';

import { packageFile } from '../../src/package-root.ts';

/** Width and height of one character, in pixels. */
export const CHARACTER = { width: 8, height: 17 } as const;

/** The atlas as `scripts/draw-font.py` draws it: cells in the order of these code ranges, 32 a row. */
const COLUMNS = 32;
const RANGES = [
  [0x20, 0x7e],
  [0xa0, 0x17f],
  [0x370, 0x3ff],
  [0x400, 0x45f],
] as const;
const REPLACEMENT = '?';

/** Coverage (0..255) of a pixel of a character. */
export type Font = (character: string, x: number, y: number) => number;

/** The font that ships with the package, a fixed-width one with Latin, Greek and Cyrillic letters. */
export function loadFont(): Font {
  const atlas = PNG.sync.read(readFileSync(packageFile('cli/picture/font.png')));
  const fallback = cellOf(REPLACEMENT) ?? 0;
  return (character, x, y) => {
    const cell = cellOf(character) ?? fallback;
    const column = (cell % COLUMNS) * CHARACTER.width + x;
    const row = Math.floor(cell / COLUMNS) * CHARACTER.height + y;
    return atlas.data[4 * (row * atlas.width + column)] ?? 0;
  };
}

function cellOf(character: string): number | undefined {
  const code = character.codePointAt(0) ?? 0;
  let cell = 0;
  for (const [first, last] of RANGES) {
    if (code >= first && code <= last) return cell + code - first;
    cell += last - first + 1;
  }
  return undefined;
}
