import { PNG } from 'pngjs';
import { expect, test } from 'vitest';

import { type AttentionRow, drawAttention, PLOT_WIDTH } from '../../cli/attention-picture.ts';

const DURATION = 4;
const VECTOR_SECONDS = 0.04;

/** A word that rests on one vector alone. */
function focused(word: string, time: number, heard: number): AttentionRow {
  const shares = new Float32Array(Math.round(heard / VECTOR_SECONDS));
  shares[Math.floor(time / VECTOR_SECONDS)] = 1;
  return { word, start: time - 0.1, end: time + 0.1, memory: { shares, secondsPerCell: VECTOR_SECONDS } };
}

function draw(rows: readonly AttentionRow[]): PNG {
  const spectrogram = new Float32Array(400 * 40);
  const picture = {
    title: 'x',
    duration: DURATION,
    secondsPerVector: VECTOR_SECONDS,
    spectrogram,
    bandCount: 40,
    rows,
  };
  return PNG.sync.read(Buffer.from(drawAttention(picture)));
}

/** The brightest colour of the map, pale yellow. */
function brightColumns(png: PNG, y: number): number[] {
  return Array.from({ length: png.width }, (_, x) => x).filter((x) => {
    const [red = 0, green = 0, blue = 0] = png.data.subarray(4 * (y * png.width + x));
    return red === 252 && green === 253 && blue === 191;
  });
}

test('a word that rests on one moment is bright there and nowhere else', () => {
  const png = draw([focused('five', 1, 4), focused('nine', 3, 4)]);
  const rows = Array.from({ length: png.height }, (_, y) => brightColumns(png, y)).filter((row) => row.length === 12);
  const width = (VECTOR_SECONDS / DURATION) * PLOT_WIDTH;
  expect(width).toBe(12);
  const [first = [], last = []] = [rows.at(0), rows.at(-1)];
  // 2 s apart, at 300 pixels a second.
  expect((last[0] ?? 0) - (first[0] ?? 0)).toBe(600);
  expect(rows.length).toBe(2 * 21);
});

test('the decoder is drawn above the memory', () => {
  const [memory, decoder] = [focused('five', 1, 4), focused('five', 3, 4)];
  const png = draw([{ ...memory, decoder: decoder.memory }]);
  const bright = Array.from({ length: png.height }, (_, y) => brightColumns(png, y)).filter((row) => row.length === 12);
  // 600 pixels apart: the decoder's moment is the later one.
  expect((bright.at(0)?.[0] ?? 0) - (bright.at(-1)?.[0] ?? 0)).toBe(600);
});

test('thousands of words still make a picture that a viewer opens', () => {
  const rows = Array.from({ length: 1_200 }, (_, index) => focused('one', (index / 1_200) * 3.9, 4));
  const png = draw(rows);
  expect(png.width).toBeLessThan(1_500);
  expect(png.height).toBeLessThan(4_500);
});

test('a recording without words is drawn too', () => {
  expect(draw([]).height).toBeGreaterThan(100);
});
