/** Draws accuracy by length, as `docs/length.svg`, of the committed models: `npx tsx scripts/draw-length.ts`. */
import { writeFile } from 'node:fs/promises';
import { pathToFileURL } from 'node:url';

import { type LengthRow, lengthRows } from '../bench/length.ts';
import { LENGTHS, LONGEST_TRAINED, type Variant, VARIANTS } from '../models/length/variants.ts';

const LISTS = 100;
const [WIDTH, HEIGHT] = [880, 400];
const PLOT = { left: 64, right: 640, top: 56, bottom: 336 };
const LONGEST = Math.max(...LENGTHS);

const LINES: Readonly<Record<Variant, { readonly color: string; readonly name: string; readonly dash: string }>> = {
  'fixed-vector': { color: '#b91c1c', name: 'one fixed vector', dash: '' },
  bahdanau: { color: '#1d4ed8', name: 'attention: Bahdanau, additive', dash: '' },
  luong: { color: '#0f766e', name: 'attention: Luong, general', dash: '6 3' },
  hierarchical: { color: '#a16207', name: 'attention: hierarchical memory', dash: '2 3' },
};

function x(length: number): number {
  return PLOT.left + ((length - 0.5) / (LONGEST + 0.5)) * (PLOT.right - PLOT.left);
}

function y(share: number): number {
  return PLOT.bottom - share * (PLOT.bottom - PLOT.top);
}

/** The picture of `rows`; each point carries its figures as `data-` attributes, so that a picture can be compared by value. */
export function lengthPicture(rows: readonly LengthRow[]): string {
  const parts = [
    `<rect width="${WIDTH}" height="${HEIGHT}" rx="8" fill="#ffffff"/>`,
    text(24, 32, 'Lists of numbers read aloud without a mistake, by the length of the list', { size: 16, weight: 600 }),
    ...axes(),
    ...VARIANTS.flatMap((model, index) =>
      curve(
        model,
        rows.filter((row) => row.model === model),
        index,
      ),
    ),
  ];
  const label =
    'Share of lists written without a mistake by length: with one fixed vector it falls within the trained lengths, with attention it falls beyond them';
  const size = `viewBox="0 0 ${WIDTH} ${HEIGHT}" width="${WIDTH}" height="${HEIGHT}"`;
  return `<svg xmlns="http://www.w3.org/2000/svg" ${size} role="img" aria-label="${label}" font-family="system-ui, sans-serif">\n${parts.join('\n')}\n</svg>\n`;
}

function axes(): string[] {
  const edge = x(LONGEST_TRAINED + 0.5);
  const beyond = `<rect x="${edge.toFixed(1)}" y="${PLOT.top}" width="${(PLOT.right - edge).toFixed(1)}" height="${PLOT.bottom - PLOT.top}" fill="#f3f4f6"/>`;
  const shares = [0, 0.25, 0.5, 0.75, 1].flatMap((share) => [
    `<line x1="${PLOT.left}" x2="${PLOT.right}" y1="${y(share)}" y2="${y(share)}" stroke="#d1d5db"/>`,
    text(PLOT.left - 8, y(share) + 4, `${100 * share} %`, { anchor: 'end' }),
  ]);
  return [
    beyond,
    ...shares,
    ...LENGTHS.map((length) => text(x(length), PLOT.bottom + 20, String(length), { anchor: 'middle' })),
    text((PLOT.left + PLOT.right) / 2, PLOT.bottom + 44, 'numbers in the list', { anchor: 'middle' }),
    text(PLOT.left + 8, PLOT.top + 24, 'trained', { color: '#6b7280' }),
    text(PLOT.right - 8, PLOT.top + 24, 'beyond what was trained', { anchor: 'end', color: '#6b7280' }),
  ];
}

function curve(model: Variant, rows: readonly LengthRow[], index: number): string[] {
  const { color, name, dash } = LINES[model];
  const stroke = `stroke="${color}" stroke-width="2"${dash === '' ? '' : ` stroke-dasharray="${dash}"`}`;
  const path = rows.map(({ length, accuracy }) => `${x(length).toFixed(1)},${y(accuracy).toFixed(1)}`).join(' ');
  const points = rows.flatMap(({ length, accuracy, ci95, sequences }) => {
    const [at, high, low] = [x(length).toFixed(1), y(ci95.high).toFixed(1), y(ci95.low).toFixed(1)];
    const data = `data-model="${model}" data-length="${length}" data-accuracy="${accuracy}" data-lists="${sequences}"`;
    return [
      `<line x1="${at}" x2="${at}" y1="${high}" y2="${low}" stroke="${color}" stroke-opacity="0.4"/>`,
      `<circle cx="${at}" cy="${y(accuracy).toFixed(1)}" r="3" fill="${color}" ${data}/>`,
    ];
  });
  const [left, top] = [PLOT.right + 16, PLOT.top + 16 + 28 * index];
  return [
    `<polyline points="${path}" fill="none" ${stroke}/>`,
    ...points,
    `<line x1="${left}" x2="${left + 24}" y1="${top - 4}" y2="${top - 4}" ${stroke}/>`,
    text(left + 32, top, name, { size: 11 }),
  ];
}

type TextStyle = {
  readonly size?: number;
  readonly weight?: number;
  readonly anchor?: string;
  readonly color?: string;
};

function text(left: number, base: number, content: string, style: TextStyle): string {
  const { size = 13, weight = 400, anchor = 'start', color = '#1f2937' } = style;
  return `<text x="${left.toFixed(1)}" y="${base}" font-size="${size}" font-weight="${weight}" text-anchor="${anchor}" fill="${color}">${content}</text>`;
}

/** The picture of the committed models. */
export async function measuredPicture(): Promise<string> {
  return lengthPicture(await lengthRows(LISTS));
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) {
  await writeFile(new URL('../docs/length.svg', import.meta.url), await measuredPicture());
}
