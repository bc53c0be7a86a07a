/** Draws what a stream of codes-en keeps of an hour, as `docs/memory.svg`: `npx tsx scripts/draw-memory.ts`. */
import { readFile, writeFile } from 'node:fs/promises';
import { pathToFileURL } from 'node:url';

import { liveNodes, nodeTokenCount, type ScheduleConfig } from '../src/memory/schedule.ts';
import { parseSpeechConfig } from '../src/model/speech-config.ts';

const WIDTH = 880;
const HEIGHT = 300;
const TOP = 140;
const CELL_HEIGHT = 40;
const FILLS = ['#5eead4', '#86efac', '#a7f3d0', '#bbf7d0', '#d9f99d', '#fef08a'];

/** Vectors that stand for the same time each: one level of the memory. */
type Level = { readonly cells: number; readonly slots: number; readonly seconds: number };

const SPANS: readonly (readonly [string, number])[] = [
  ['a minute', 60],
  ['an hour', 3600],
  ['a day', 86_400],
  ['a year', 365 * 86_400],
];

/** The levels of a memory of `count` vectors, the oldest first, and last the vectors that are kept exactly. */
function levelsOf(config: ScheduleConfig & { readonly slots: number }, count: number, rate: number): Level[] {
  const levels = liveNodes(config, count).map(({ start, end }, level) => ({
    cells: end - start,
    slots: level === 0 ? 1 : config.slots,
    seconds: nodeTokenCount(config, level) / rate,
  }));
  return levels.toReversed();
}

function keptOf(levels: readonly Level[]): number {
  return levels.reduce((sum, { cells, slots }) => sum + cells * slots, 0);
}

/** `seconds` for people, as in `2.7 min`. */
function duration(seconds: number): string {
  if (seconds < 60) return `${seconds < 10 ? Number(seconds.toPrecision(2)) : Math.round(seconds)} s`;
  if (seconds < 3600) return `${seconds < 600 ? (seconds / 60).toFixed(1) : Math.round(seconds / 60)} min`;
  return `${Math.round(seconds / 3600)} h`;
}

/** The picture for a model of this configuration. */
export function memoryPicture(config: ScheduleConfig & { readonly slots: number }, rate: number): string {
  const hour = levelsOf(config, 3600 * rate, rate);
  const kept = keptOf(hour).toLocaleString('en');
  const parts = [
    `<rect width="${WIDTH}" height="${HEIGHT}" rx="8" fill="#ffffff"/>`,
    text(
      24,
      32,
      `An hour of audio, as a stream keeps it: ${kept} vectors instead of ${(3600 * rate).toLocaleString('en')}`,
      { size: 16, weight: 600 },
    ),
    ...timeline(hour),
    text(
      24,
      HEIGHT - 42,
      `A box is a summary of ${config.slots} vectors that attention has made: the older, the more time in one. What is newest is kept as it is.`,
      {},
    ),
    text(
      24,
      HEIGHT - 18,
      `Vectors kept after ${SPANS.map(([name, seconds]) => `${name}: ${keptOf(levelsOf(config, seconds * rate, rate))}`).join(', ')}.`,
      { weight: 600 },
    ),
  ];
  const label = `Of an hour of audio a stream keeps ${kept} vectors: the newest exactly, older ones as summaries of ever longer stretches, all read together`;
  const size = `viewBox="0 0 ${WIDTH} ${HEIGHT}" width="${WIDTH}" height="${HEIGHT}"`;
  return `<svg xmlns="http://www.w3.org/2000/svg" ${size} role="img" aria-label="${label}" font-family="system-ui, sans-serif">\n${parts.join('\n')}\n</svg>\n`;
}

/** A group of cells a level, from an hour ago to now, all of which lead to the one that reads them. */
function timeline(levels: readonly Level[]): string[] {
  const [left, gap] = [24, 8];
  const width = (WIDTH - 2 * left - gap * (levels.length - 1)) / levels.length;
  const reader = { x: WIDTH - 210, y: 52, width: 186, height: 34 };
  let age = levels.reduce((sum, { cells, seconds }) => sum + cells * seconds, 0);
  return [
    ...levels.flatMap(({ cells, slots, seconds }, index) => {
      const x = left + index * (width + gap);
      const [middle, cell] = [x + width / 2, width / cells];
      const ago = duration(age);
      age -= cells * seconds;
      const [fill, exact] = [FILLS[index % FILLS.length] ?? '', slots === 1];
      const foot = { size: 12, anchor: 'middle' };
      const curve = `M${middle} ${TOP} C${middle} ${TOP - 30} ${reader.x + 93} ${TOP - 14} ${reader.x + 93} ${reader.y + reader.height}`;
      return [
        `<path d="${curve}" fill="none" stroke="#6366f1" stroke-opacity="0.7"/>`,
        ...Array.from({ length: cells }, (_, place) => {
          const at = (x + place * cell).toFixed(1);
          return `<rect x="${at}" y="${TOP}" width="${(cell - Math.min(1.5, cell / 3)).toFixed(1)}" height="${CELL_HEIGHT}" rx="1" fill="${exact ? '#f59e0b' : fill}" stroke="${exact ? '#b45309' : '#0f766e'}" stroke-width="0.6"/>`;
        }),
        text(x, TOP + CELL_HEIGHT + 18, `${ago} ago`, { size: 11, color: '#6b7280' }),
        text(middle, TOP + CELL_HEIGHT + 38, exact ? `${cells} vectors, exactly` : `${cells} × ${duration(seconds)}`, {
          ...foot,
          weight: 600,
        }),
      ];
    }),
    text(WIDTH - left, TOP + CELL_HEIGHT + 18, 'now', { size: 11, color: '#6b7280', anchor: 'end' }),
    `<rect x="${reader.x}" y="${reader.y}" width="${reader.width}" height="${reader.height}" rx="17" fill="#eef2ff" stroke="#4338ca"/>`,
    text(reader.x + reader.width / 2, reader.y + 22, 'each new vector reads all', { size: 13, anchor: 'middle' }),
  ];
}

type TextStyle = {
  readonly size?: number;
  readonly weight?: number;
  readonly anchor?: string;
  readonly color?: string;
};

function text(
  x: number,
  y: number,
  content: string,
  { size = 13, weight = 400, anchor = 'start', color = '#1f2937' }: TextStyle,
): string {
  return `<text x="${x.toFixed(1)}" y="${y}" font-size="${size}" font-weight="${weight}" text-anchor="${anchor}" fill="${color}">${content}</text>`;
}

/** The picture of the model that comes with the package. */
export async function shippedPicture(): Promise<string> {
  const file = new URL('../models/codes-en/config.json', import.meta.url);
  const { memory, features, encoder } = parseSpeechConfig(JSON.parse(await readFile(file, 'utf8')));
  return memoryPicture(memory, features.sampleRate / (features.hopLength * encoder.frameStack));
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) {
  await writeFile(new URL('../docs/memory.svg', import.meta.url), await shippedPicture());
}
