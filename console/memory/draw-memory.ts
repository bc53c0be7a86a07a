/** The memory as a picture: a row a level, live summaries filled by how much a read looked at them, and its attention under it. */
import { nodeTokenCount, type ScheduleConfig } from '../../src/memory/schedule.ts';
import { mixed } from '../canvas/palette.ts';
import type { Surface } from '../canvas/canvas.tsx';
import { type AgeAxis, ageAxis, durationOf } from './age-axis.ts';
import { type Past, shareWithin } from './past.ts';
import { mergedBoxes, type Tree, type TreeBox } from './tree.ts';

export type MemoryPicture = {
  readonly config: ScheduleConfig;
  readonly secondsPerVector: number;
  readonly past: Past;
  readonly tree: Tree;
  /** Span of the selected word, in seconds of the stream, which is marked. */ readonly marked:
    | { readonly start: number; readonly end: number }
    | undefined;
};

const ROW_HEIGHT = 24;
const BOX_HEIGHT = 18;
const LABEL_WIDTH = 52;
const SHARES_HEIGHT = 60;
const AXIS_HEIGHT = 20;
/** Rows that are there from the beginning, so that the page does not jump. */
const MINIMUM_ROWS = 4;
/** Least seconds on the axis, for a memory that is nearly empty. */
const MINIMUM_SECONDS = 4;
/** Boxes that are narrower are left out, those that are not live only. */
const NARROWEST = 2.5;
/** Pixels of a live box up to which it has no edge of its own. */
const NARROWEST_EDGED = 3;
/** Opacity of nodes that are there but not read. */
const MERGED_OPACITY = 0.4;
/** Decades of share that colours tell apart: 0.1 % to 100 %. */
const DECADES = 3;

export function memoryHeight({ levelCount }: Tree): number {
  return Math.max(MINIMUM_ROWS, levelCount) * ROW_HEIGHT + SHARES_HEIGHT + AXIS_HEIGHT;
}

type Layout = {
  readonly axis: AgeAxis;
  /** Pixels of a moment, vectors from the past's first. */ readonly toX: (vectors: number) => number;
  readonly rowTop: (level: number) => number;
  readonly sharesBottom: number;
};

export function drawMemory(surface: Surface, picture: MemoryPicture): void {
  const { secondsPerVector, tree, config } = picture;
  const rows = Math.max(MINIMUM_ROWS, tree.levelCount);
  const total = Math.max(MINIMUM_SECONDS, tree.vectorCount * secondsPerVector);
  const axis = ageAxis(LABEL_WIDTH, surface.width, total, config.window * secondsPerVector);
  const layout: Layout = {
    axis,
    toX: (vectors) => axis.toX((tree.vectorCount - vectors) * secondsPerVector),
    rowTop: (level) => (rows - 1 - level) * ROW_HEIGHT,
    sharesBottom: rows * ROW_HEIGHT + SHARES_HEIGHT,
  };
  drawMarked(surface, picture, layout);
  drawLevelNames(surface, picture, layout, rows);
  for (let level = 0; level < tree.levelCount; level++) {
    const isWide = (box: TreeBox): boolean => layout.toX(box.end) - layout.toX(box.start) >= NARROWEST;
    for (const box of mergedBoxes(config, tree, level, isWide)) drawMerged(surface, box, layout);
  }
  for (const box of tree.live) drawLive(surface, picture, box, layout);
  drawNarrow(surface, tree, layout);
  drawShares(surface, picture, layout);
  drawAxis(surface, layout);
}

function drawMarked(
  { context, palette }: Surface,
  { marked, past }: MemoryPicture,
  { axis, sharesBottom }: Layout,
): void {
  if (marked === undefined) return;
  const x = axis.toX(Math.max(0, past.end - marked.start));
  context.fillStyle = palette.line;
  context.fillRect(x, 0, Math.max(2, axis.toX(Math.max(0, past.end - marked.end)) - x), sharesBottom);
}

function drawLevelNames(
  surface: Surface,
  { config, secondsPerVector }: MemoryPicture,
  { rowTop }: Layout,
  rows: number,
): void {
  const { context, palette } = surface;
  context.font = `12px ${palette.font}`;
  context.textBaseline = 'middle';
  context.fillStyle = palette.soft;
  for (let level = 0; level < rows; level++) {
    const name = level === 0 ? 'exact' : durationOf(nodeTokenCount(config, level) * secondsPerVector);
    context.fillText(name, 0, rowTop(level) + BOX_HEIGHT / 2 + 1);
  }
}

function drawMerged({ context, palette }: Surface, box: TreeBox, { toX, rowTop }: Layout): void {
  const x = toX(box.start);
  context.strokeStyle = palette.soft;
  context.globalAlpha = MERGED_OPACITY;
  context.lineWidth = 1;
  context.strokeRect(x + 0.5, rowTop(box.level) + 0.5, Math.max(1, toX(box.end) - x - 1.5), BOX_HEIGHT - 1);
  context.globalAlpha = 1;
}

function drawLive(surface: Surface, picture: MemoryPicture, box: TreeBox, { toX, rowTop }: Layout): void {
  const { context, palette } = surface;
  const { past, secondsPerVector } = picture;
  const [start, end] = [past.start + box.start * secondsPerVector, past.start + box.end * secondsPerVector];
  const share = shareWithin(past.bins, start, end);
  const strength = share <= 0 ? 0 : Math.max(0, 1 + Math.log10(share) / DECADES);
  const x = toX(box.start);
  const width = widthOf(box, toX);
  context.fillStyle = mixed(palette.mix.panel, palette.mix.glow, strength);
  context.fillRect(x, rowTop(box.level), isNarrow(box, toX) ? toX(box.end) - x : width, BOX_HEIGHT);
  if (isNarrow(box, toX)) return;
  context.strokeStyle = palette.accent;
  context.lineWidth = 1;
  context.strokeRect(x + 0.5, rowTop(box.level) + 0.5, width - 1, BOX_HEIGHT - 1);
}

/** Live boxes with no room for an edge each, which are neighbours, have one together. */
function drawNarrow({ context, palette }: Surface, { live, levelCount }: Tree, { toX, rowTop }: Layout): void {
  context.strokeStyle = palette.accent;
  context.lineWidth = 1;
  for (let level = 0; level < levelCount; level++) {
    const narrow = live.filter((box) => box.level === level && isNarrow(box, toX));
    const [first, last] = [narrow[0], narrow.at(-1)];
    if (first === undefined || last === undefined) continue;
    const x = toX(first.start);
    context.strokeRect(x + 0.5, rowTop(level) + 0.5, Math.max(1, toX(last.end) - x - 1.75), BOX_HEIGHT - 1);
  }
}

/** Pixels, without the gap to the next. */
function widthOf({ level, start, end }: TreeBox, toX: Layout['toX']): number {
  return Math.max(1, toX(end) - toX(start) - (level === 0 ? 0.75 : 1.5));
}

function isNarrow(box: TreeBox, toX: Layout['toX']): boolean {
  return widthOf(box, toX) <= NARROWEST_EDGED;
}

/** Bars whose area is the share, the highest as high as there is room. */
function drawShares({ context, palette }: Surface, { past }: MemoryPicture, { axis, sharesBottom }: Layout): void {
  const bars = past.bins.map(({ start, end, share }) => {
    const x = axis.toX(past.end - start);
    const width = axis.toX(past.end - end) - x;
    return { x, width, density: width > 0 ? share / width : 0 };
  });
  const densest = Math.max(...bars.map(({ density }) => density), Number.MIN_VALUE);
  context.fillStyle = palette.glow;
  for (const { x, width, density } of bars) {
    const height = (density / densest) * (SHARES_HEIGHT - 12);
    context.fillRect(x, sharesBottom - height, Math.max(0.75, width - 0.5), height);
  }
  context.fillStyle = palette.line;
  context.fillRect(LABEL_WIDTH, sharesBottom, axis.toX(0) - LABEL_WIDTH, 1);
}

function drawAxis({ context, palette }: Surface, { axis, sharesBottom }: Layout): void {
  context.font = `12px ${palette.font}`;
  context.textBaseline = 'top';
  context.textAlign = 'right';
  context.fillStyle = palette.soft;
  context.fillText('now', axis.toX(0), sharesBottom + 5);
  let free = axis.toX(0) - context.measureText('now').width - 10;
  for (const age of axis.ticks) {
    const label = durationOf(age);
    const x = axis.toX(age);
    context.fillRect(x, sharesBottom, 1, 4);
    const half = context.measureText(label).width / 2;
    if (x + half > free || x - half < LABEL_WIDTH) continue;
    context.fillText(label, x + half, sharesBottom + 5);
    free = x - half - 10;
  }
  context.textAlign = 'left';
}
