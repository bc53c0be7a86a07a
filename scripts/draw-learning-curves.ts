/** Draws the learning curves of the long-range battery beside its bars, as `docs/long-range.svg`: `npx tsx scripts/draw-learning-curves.ts`. */
import { writeFile } from 'node:fs/promises';
import { pathToFileURL } from 'node:url';

import { BATTERY, type TaskName, TASKS } from '../models/long-range/battery.ts';
import { readResults, type Result, rowsOf } from '../models/long-range/results.ts';

const PANEL = { width: 300, height: 230, left: 58, right: 14, top: 48, bottom: 40 };
const COLUMNS = 3;
const BOTTOM = PANEL.height - PANEL.bottom;
const RIGHT = PANEL.width - PANEL.right;
const [INK, FAINT, LINE, CURVE, BAR] = ['#1f2937', '#6b7280', '#d1d5db', '#1d4ed8', '#b91c1c'];
/** Lowest value that a panel shows: shares below it are drawn on it. */
const LEAST = 1e-6;

/** A curve a task, on held-out sequences; the dashed line is the figure that is to be passed. Each point carries its figures as `data-` attributes. */
export function learningCurves(results: readonly Result[]): string {
  const rows = Math.ceil(TASKS.length / COLUMNS);
  const [width, height] = [COLUMNS * PANEL.width, rows * PANEL.height];
  const panels = TASKS.map((task, index) => {
    const [x, y] = [(index % COLUMNS) * PANEL.width, Math.floor(index / COLUMNS) * PANEL.height];
    return `<g transform="translate(${x} ${y})">\n${panel(task, results).join('\n')}\n</g>`;
  });
  const label =
    'Error or loss on held-out sequences by updates of training, for each task of the battery, beside the published figure';
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}" role="img" aria-label="${label}" font-family="system-ui, sans-serif">\n<rect width="${width}" height="${height}" rx="8" fill="#ffffff"/>\n${panels.join('\n')}\n</svg>\n`;
}

function panel(task: TaskName, results: readonly Result[]): string[] {
  const { measure, bar } = BATTERY[task];
  const isAccuracy = measure === 'accuracy';
  const verdict = rowsOf(results).find((row) => row.task === task)?.verdict ?? '';
  const curves = results
    .filter((result) => result.task === task)
    .map(({ seed, curve }) => ({
      seed,
      points: curve.map(({ updates, error, loss }) => ({ updates, value: isAccuracy ? error : loss })),
    }));
  const values = curves.flatMap(({ points }) => points.map(({ value }) => value));
  const goal = isAccuracy ? 1 - bar / 100 : bar;
  const told = [...values, goal].map((value) => Math.max(value, LEAST));
  const [low, high] = [
    Math.floor(Math.log10(Math.min(...told))),
    Math.max(0, Math.ceil(Math.log10(Math.max(...told)))),
  ];
  const most = Math.max(1, ...curves.flatMap(({ points }) => points.map(({ updates }) => updates)));
  const x = (updates: number): number => PANEL.left + (updates / most) * (RIGHT - PANEL.left);
  const y = (value: number): number =>
    BOTTOM - ((Math.log10(Math.max(value, LEAST)) - low) / Math.max(1, high - low)) * (BOTTOM - PANEL.top);
  const decades = Array.from({ length: high - low + 1 }, (_, index) => 10 ** (low + index));
  return [
    text(PANEL.left, 20, task, { weight: 600 }),
    text(PANEL.left, 36, `${isAccuracy ? 'share of wrong answers' : measure}, held out; ${verdict}`, {
      size: 11,
      color: FAINT,
    }),
    ...decades.flatMap((decade) => [
      `<line x1="${PANEL.left}" x2="${RIGHT}" y1="${y(decade).toFixed(1)}" y2="${y(decade).toFixed(1)}" stroke="${LINE}"/>`,
      text(PANEL.left - 6, y(decade) + 4, decadeName(decade), { size: 11, anchor: 'end', color: FAINT }),
    ]),
    `<line x1="${PANEL.left}" x2="${RIGHT}" y1="${y(goal).toFixed(1)}" y2="${y(goal).toFixed(1)}" stroke="${BAR}" stroke-dasharray="5 4"/>`,
    text(RIGHT, BOTTOM + 18, most === 1 ? '' : `${most.toLocaleString('en')} updates`, {
      size: 11,
      anchor: 'end',
      color: FAINT,
    }),
    ...curves.flatMap(({ seed, points }) => [
      `<polyline points="${points.map(({ updates, value }) => `${x(updates).toFixed(1)},${y(value).toFixed(1)}`).join(' ')}" fill="none" stroke="${CURVE}" stroke-width="1.5"/>`,
      ...points.map(
        ({ updates, value }) =>
          `<circle cx="${x(updates).toFixed(1)}" cy="${y(value).toFixed(1)}" r="2.5" fill="${CURVE}" data-task="${task}" data-seed="${seed}" data-updates="${updates}" data-value="${value}"/>`,
      ),
    ]),
  ];
}

function decadeName(decade: number): string {
  return decade >= 1e-3 ? `${Number(decade.toPrecision(1))}` : decade.toExponential(0);
}

type TextStyle = {
  readonly size?: number;
  readonly weight?: number;
  readonly anchor?: string;
  readonly color?: string;
};

function text(left: number, base: number, content: string, style: TextStyle): string {
  const { size = 13, weight = 400, anchor = 'start', color = INK } = style;
  return `<text x="${left.toFixed(1)}" y="${base.toFixed(1)}" font-size="${size}" font-weight="${weight}" text-anchor="${anchor}" fill="${color}">${content}</text>`;
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) {
  await writeFile(new URL('../docs/long-range.svg', import.meta.url), learningCurves(await readResults()));
}
