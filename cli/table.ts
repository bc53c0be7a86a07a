import { tableLines } from '../src/text/table.ts';

const FIGURE = /^-?[\d.,e+-]*( %)?$/;

/** Prints columns as wide as their content; cells that are figures are set right. */
export function printTable(header: readonly string[], rows: readonly (readonly string[])[]): void {
  const isFigure = header.map((_, column) => rows.length > 0 && rows.every((row) => FIGURE.test(row[column] ?? '')));
  for (const line of tableLines([header, ...rows], isFigure)) process.stdout.write(`${line}\n`);
}

/** A share of 0..1 as a cell: `1.76 %`. */
export function percent(share: number): string {
  return `${(100 * share).toFixed(2)} %`;
}
