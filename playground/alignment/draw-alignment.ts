/** An alignment as a picture: a column for each input symbol, a row for each output symbol; the fuller a cell, the more was looked there. */
import type { Surface } from '../../console/canvas/canvas.tsx';
import { mixed } from '../../console/canvas/palette.ts';
import type { Alignment } from './alignment.ts';

const CELL = { width: 30, height: 24 };
const LABELS = { width: 76, height: 24 };

/** CSS pixels. */
export function alignmentHeight({ outputSymbols }: Alignment): number {
  return LABELS.height + Math.max(1, outputSymbols.length) * CELL.height;
}

/** Draws the first `shown` rows. */
export function drawAlignment({ context, width, palette }: Surface, drawn: Alignment, shown: number): void {
  const { inputSymbols, outputSymbols, alignment } = drawn;
  const cellWidth = Math.min(CELL.width, (width - LABELS.width) / Math.max(1, inputSymbols.length));
  context.font = `14px ${palette.font}`;
  context.textBaseline = 'middle';
  context.fillStyle = palette.ink;
  context.textAlign = 'center';
  for (const [column, symbol] of inputSymbols.entries()) {
    context.fillText(symbol === ' ' ? '␣' : symbol, LABELS.width + (column + 0.5) * cellWidth, LABELS.height / 2);
  }
  for (const [row, shares] of alignment.slice(0, shown).entries()) {
    const top = LABELS.height + row * CELL.height;
    context.textAlign = 'right';
    context.fillStyle = palette.ink;
    context.fillText(outputSymbols[row] ?? '', LABELS.width - 8, top + CELL.height / 2);
    for (const [column, share] of shares.entries()) {
      context.fillStyle = mixed(palette.mix.panel, palette.mix.glow, Math.min(1, share));
      context.fillRect(LABELS.width + column * cellWidth, top, cellWidth - 1, CELL.height - 1);
    }
  }
  context.textAlign = 'left';
}
