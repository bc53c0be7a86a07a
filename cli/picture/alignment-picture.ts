/**
 * An alignment as an SVG picture: a column for each input symbol, a row for each output symbol, the darker a cell the larger
 * the share of the attention that the output paid to the input.
 */
export type Alignment = {
  readonly inputSymbols: readonly string[];
  readonly outputSymbols: readonly string[];
  /** For each output symbol its shares of the input symbols, 0 to 1. */
  readonly alignment: readonly (readonly number[])[];
};

/** Side of a cell, in pixels, and sizes of what stands around the cells. */
const CELL = 22;
const CHARACTER_WIDTH = 8;
const MARGIN = 8;
const TITLE_HEIGHT = 24;
/** Symbols of so many characters at most are shown whole. */
const LONGEST_LABEL = 24;
/** Shares below this are left white. */
const LEAST_SHARE = 0.005;
const INK = '#14324f';

/** The picture. `title` stands above it. */
export function alignmentPicture({ inputSymbols, outputSymbols, alignment }: Alignment, title: string = ''): string {
  const columns = inputSymbols.map(labelOf);
  const rows = outputSymbols.map(labelOf);
  const isUpright = columns.every((label) => Array.from(label).length <= 2);
  const left = MARGIN * 2 + widthOf(rows);
  const top = MARGIN * 2 + (isUpright ? CELL : widthOf(columns)) + (title === '' ? 0 : TITLE_HEIGHT);
  const width = Math.max(left + CELL * columns.length + MARGIN, MARGIN * 2 + CHARACTER_WIDTH * title.length);
  const height = top + CELL * rows.length + MARGIN;
  const cells = alignment.flatMap((shares, row) =>
    shares.flatMap((share, column) => cellOf(share, left + CELL * column, top + CELL * row)),
  );
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" viewBox="0 0 ${width} ${height}" font-family="monospace" font-size="13">`,
    `<rect width="${width}" height="${height}" fill="#ffffff"/>`,
    ...(title === '' ? [] : [`<text x="${MARGIN}" y="${MARGIN + 13}" fill="${INK}">${escaped(title)}</text>`]),
    ...columns.map((label, column) => columnLabel(label, left + CELL * (column + 0.5), top - MARGIN, isUpright)),
    ...rows.map(
      (label, row) =>
        `<text x="${left - MARGIN}" y="${top + CELL * row + 15}" text-anchor="end" fill="${INK}">${escaped(label)}</text>`,
    ),
    ...cells,
    `<rect x="${left}" y="${top}" width="${CELL * columns.length}" height="${CELL * rows.length}" fill="none" stroke="#b8c0c8"/>`,
    '</svg>',
    '',
  ].join('\n');
}

function cellOf(share: number, x: number, y: number): string[] {
  if (!(share >= LEAST_SHARE)) return [];
  const opacity = Math.min(1, share).toFixed(3);
  const told = `${(100 * share).toFixed(1)} %`;
  return [
    `<rect x="${x}" y="${y}" width="${CELL}" height="${CELL}" fill="${INK}" fill-opacity="${opacity}"><title>${told}</title></rect>`,
  ];
}

function columnLabel(label: string, x: number, y: number, isUpright: boolean): string {
  const place = isUpright ? `text-anchor="middle"` : `transform="rotate(-90 ${x} ${y})" dominant-baseline="middle"`;
  return `<text x="${x}" y="${y}" ${place} fill="${INK}">${escaped(label)}</text>`;
}

/** A symbol as it is shown: spaces can be seen, long ones are cut. */
function labelOf(symbol: string): string {
  const shown = Array.from(symbol.replaceAll(' ', '␣'));
  return shown.length > LONGEST_LABEL ? `${shown.slice(0, LONGEST_LABEL - 1).join('')}…` : shown.join('');
}

function widthOf(labels: readonly string[]): number {
  return CHARACTER_WIDTH * Math.max(0, ...labels.map((label) => Array.from(label).length));
}

function escaped(text: string): string {
  return text
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replace(/\p{Cc}/gu, '�');
}
