/**
 * A picture of where a recogniser looked: under a spectrogram of the whole recording, a row for each word that shows which
 * share of its attention fell on which moment of the past. To look somewhere is not yet to depend on it.
 */
import { type Canvas, type Color, createCanvas, textWidth } from './picture/canvas.ts';
import { magma } from './picture/color-map.ts';
import { CHARACTER, loadFont } from './picture/font.ts';
import { regrid, type ShareCells } from './picture/share-cells.ts';
import { type Clock, clockFor, timeTicks } from './picture/time-axis.ts';
import { type Lanes, placeLabels } from './picture/word-lanes.ts';

/** A word with its times in seconds and where was looked for it. */
export type AttentionRow = {
  readonly word: string;
  readonly start: number;
  readonly end: number;
  /** The memory's read at the moment of the word. */ readonly memory: ShareCells;
  /** The attention decoder when it wrote the word; absent where CTC settled alone. */ readonly decoder?: ShareCells;
};

export type AttentionPicture = {
  readonly title: string;
  /** Length of the recording in seconds. */ readonly duration: number;
  /** Seconds of audio that one encoded vector stands for: no cell is drawn finer. */ readonly secondsPerVector: number;
  /** Log energies `[columnCount, bandCount]` over the whole recording, low bands first. */
  readonly spectrogram: Float32Array;
  readonly bandCount: number;
  readonly rows: readonly AttentionRow[];
};

/** Width of the time axis, in pixels. */
export const PLOT_WIDTH = 1200;

const BLACK: Color = [20, 20, 24];
const GRAY: Color = [120, 120, 128];
/** Colour of audio after the word's final. */
const FUTURE: Color = [236, 236, 240];
/** The word's own times; stands out on every colour of the map. */
const MARK: Color = [60, 220, 240];

const MARGIN = 12;
const BAND_HEIGHT = 2;
const LEGEND = { width: 200, height: 10 } as const;
/** Decades of the colour scale: shares from 0.1 % to 100 %. */
const DECADES = 3;
/** Lines for the words under the spectrogram at most. */
const MOST_LANES = 4;
/** Nats below the loudest energy that the spectrogram shows. */
const DYNAMIC_RANGE = 10;

/** Positions in the picture, in pixels. */
type Layout = {
  readonly left: number;
  readonly strip: number;
  readonly lane: number;
  readonly lanes: Lanes;
  readonly clock: Clock;
  /** Rows from one label to the next. */ readonly rowsPerLabel: number;
  /** A note on how many words have no label; empty where all have one. */ readonly leftOut: string;
  readonly map: number;
  readonly rowHeight: number;
  readonly axis: number;
  readonly width: number;
  readonly height: number;
  readonly pixelsPerSecond: number;
};

/** Draws the picture as a PNG file. */
export function drawAttention(picture: AttentionPicture): Uint8Array {
  const layout = layOut(picture);
  const canvas = createCanvas(layout.width, layout.height, loadFont());
  canvas.text(layout.left, MARGIN, picture.title, BLACK);
  canvas.text(layout.left, MARGIN + CHARACTER.height, explanationOf(picture.rows), GRAY);
  drawLegend(canvas, layout);
  drawSpectrogram(canvas, layout, picture);
  drawWordLanes(canvas, layout);
  for (const [index, row] of picture.rows.entries()) drawRow(canvas, layout, picture, row, index);
  drawAxis(canvas, layout, picture);
  return canvas.encode();
}

/** The caption that explains the strips of the rows. */
function explanationOf(rows: readonly AttentionRow[]): string {
  const memory = "where the memory's read looked";
  if (rows.length === 0) return '';
  const hasDecoder = rows.some(({ decoder }) => decoder !== undefined);
  return hasDecoder ? `each row: above where the decoder looked, below ${memory}` : `each row: ${memory}`;
}

function layOut({ rows, bandCount, duration }: AttentionPicture): Layout {
  const clock = clockFor(duration);
  const left = MARGIN + Math.max(textWidth('heard'), ...rows.map((row) => textWidth(rowLabel(row, clock)))) + 8;
  const pixelsPerSecond = PLOT_WIDTH / Math.max(duration, 1e-3);
  const words = rows.map(({ word, start, end }) => {
    return { text: word, center: left + ((start + end) / 2) * pixelsPerSecond, width: textWidth(word) };
  });
  const lanes = placeLabels(words, { gap: CHARACTER.width / 2, maximum: MOST_LANES });
  const strip = MARGIN + 2 * CHARACTER.height + 4;
  const lane = strip + bandCount * BAND_HEIGHT + 2;
  const map = lane + Math.max(1, lanes.laneCount) * CHARACTER.height + 2;
  // Many words: thinner rows, so that the picture stays one that a viewer opens.
  const rowHeight = Math.max(2, Math.min(22, Math.floor(4000 / Math.max(1, rows.length))));
  const axis = map + rows.length * rowHeight;
  const rowsPerLabel = Math.ceil((CHARACTER.height - 3) / rowHeight);
  const leftOut = leftOutOf(lanes, rows.length, rowsPerLabel);
  return {
    left,
    strip,
    lane,
    lanes,
    clock,
    rowsPerLabel,
    leftOut,
    map,
    rowHeight,
    axis,
    width: left + PLOT_WIDTH + 3 * MARGIN,
    height: axis + (leftOut === '' ? 2 : 3) * CHARACTER.height + MARGIN,
    pixelsPerSecond,
  };
}

function leftOutOf(lanes: Lanes, rowCount: number, rowsPerLabel: number): string {
  const rows = rowCount - Math.ceil(rowCount / rowsPerLabel);
  const parts = [
    ...(lanes.leftOut > 0 ? [`${lanes.leftOut} of ${rowCount} words under the spectrogram`] : []),
    ...(rows > 0 ? [`${rows} of ${rowCount} rows`] : []),
  ];
  return parts.length === 0 ? '' : `without a label for want of room: ${parts.join(', ')}`;
}

function rowLabel({ word, start }: AttentionRow, { write }: Clock): string {
  return `${word} ${write(start, 2)}`;
}

function drawLegend(canvas: Canvas, { left }: Layout): void {
  const caption = "share of the word's attention";
  const right = left + PLOT_WIDTH;
  const x = right - LEGEND.width;
  canvas.text(x - textWidth(caption) - MARGIN, MARGIN, caption, GRAY);
  for (let column = 0; column < LEGEND.width; column++) {
    canvas.rectangle(x + column, MARGIN + 3, 1, LEGEND.height, magma(column / (LEGEND.width - 1)));
  }
  for (let decade = 0; decade <= DECADES; decade++) {
    const label = `${100 * 10 ** (decade - DECADES)} %`;
    const center = x + (decade / DECADES) * LEGEND.width;
    canvas.text(center - textWidth(label) / 2, MARGIN + LEGEND.height + 5, label, GRAY);
  }
}

function drawSpectrogram(canvas: Canvas, layout: Layout, { spectrogram, bandCount }: AttentionPicture): void {
  const columnCount = spectrogram.length / bandCount;
  const loudest = spectrogram.reduce((most, energy) => Math.max(most, energy), Number.NEGATIVE_INFINITY);
  canvas.text(MARGIN, layout.strip, 'heard', GRAY);
  if (columnCount === 0) return;
  for (let x = 0; x < PLOT_WIDTH; x++) {
    const column = Math.floor((x * columnCount) / PLOT_WIDTH);
    for (let band = 0; band < bandCount; band++) {
      const energy = spectrogram[column * bandCount + band] ?? 0;
      const y = layout.strip + (bandCount - 1 - band) * BAND_HEIGHT;
      canvas.rectangle(layout.left + x, y, 1, BAND_HEIGHT, magma(1 + (energy - loudest) / DYNAMIC_RANGE));
    }
  }
}

/** The words where they were said, one above the other where they are close. */
function drawWordLanes(canvas: Canvas, { lane: top, lanes }: Layout): void {
  for (const { text, x, lane } of lanes.placed) canvas.text(x, top + lane * CHARACTER.height, text, BLACK);
}

function drawRow(canvas: Canvas, layout: Layout, picture: AttentionPicture, row: AttentionRow, index: number): void {
  const { left, rowHeight, rowsPerLabel, clock, pixelsPerSecond } = layout;
  const y = layout.map + index * rowHeight;
  const height = rowHeight > 6 ? rowHeight - 1 : rowHeight;
  // The decoder above, the memory's read below.
  const split = row.decoder === undefined ? 0 : Math.ceil(height * 0.6);
  if (row.decoder !== undefined) drawShares(canvas, layout, picture, row.decoder, { y, height: split });
  drawShares(canvas, layout, picture, row.memory, { y: y + split, height: height - split });
  for (const time of [row.start, row.end]) canvas.rectangle(left + time * pixelsPerSecond, y, 1, height, MARK);
  if (index % rowsPerLabel === 0) {
    const label = rowLabel(row, clock);
    canvas.text(left - 8 - textWidth(label), y + (height - CHARACTER.height) / 2, label, BLACK);
  }
}

/** One strip of attention over the whole recording. */
function drawShares(
  canvas: Canvas,
  { left, pixelsPerSecond }: Layout,
  { duration, secondsPerVector }: AttentionPicture,
  cells: ShareCells,
  { y, height }: { readonly y: number; readonly height: number },
): void {
  const vectorCount = Math.max(1, Math.ceil(duration / secondsPerVector));
  const secondsPerCell = secondsPerVector * Math.ceil(vectorCount / PLOT_WIDTH);
  const cellCount = Math.ceil((vectorCount * secondsPerVector) / secondsPerCell - 1e-6);
  const knownWidth = Math.min(duration, cells.shares.length * cells.secondsPerCell) * pixelsPerSecond;
  canvas.rectangle(left, y, knownWidth, height, magma(0));
  canvas.rectangle(left + knownWidth, y, PLOT_WIDTH - knownWidth, height, FUTURE);
  for (const [cell, share] of regrid(cells, secondsPerCell, cellCount).entries()) {
    const brightness = 1 + Math.log10(share) / DECADES;
    if (brightness <= 0) continue;
    const x = cell * secondsPerCell * pixelsPerSecond;
    const width = Math.min(PLOT_WIDTH - x, Math.max(1, secondsPerCell * pixelsPerSecond));
    canvas.rectangle(left + x, y, width, height, magma(brightness));
  }
}

function drawAxis(canvas: Canvas, layout: Layout, { duration }: AttentionPicture): void {
  const { left, axis, clock, pixelsPerSecond } = layout;
  canvas.rectangle(left, axis, PLOT_WIDTH, 1, GRAY);
  for (const { time, label } of timeTicks(duration, 16)) {
    const x = left + time * pixelsPerSecond;
    canvas.rectangle(x, axis, 1, 5, GRAY);
    canvas.text(x - textWidth(label) / 2, axis + 6, label, BLACK);
  }
  const y = axis + 6 + CHARACTER.height;
  canvas.text(left, y, clock.unit, GRAY);
  drawKey(canvas, left + PLOT_WIDTH, y);
  canvas.text(left, y + CHARACTER.height, layout.leftOut, GRAY);
}

/** Draws the key of marks and greys, right-aligned at `right`. */
function drawKey(canvas: Canvas, right: number, y: number): void {
  const future = 'not heard yet when the word was settled';
  const mark = "the word's own start and end";
  const futureX = right - textWidth(future);
  const markX = futureX - 2 * MARGIN - 14 - textWidth(mark);
  canvas.text(futureX, y, future, GRAY);
  canvas.rectangle(futureX - 20, y + 3, 14, 11, FUTURE);
  canvas.text(markX, y, mark, GRAY);
  canvas.rectangle(markX - 20, y + 3, 14, 11, magma(0));
  for (const x of [markX - 18, markX - 9]) canvas.rectangle(x, y + 3, 1, 11, MARK);
}
