/** How many parts the encoder of images makes of a picture: apart from what computes them, since streams need no tfjs to know it. */
import type { EncoderConfig } from './config.ts';

export type GridEncoderConfig = Extract<EncoderConfig, { readonly kind: 'grid' }>;

/** Rows and columns of the grid of parts: every stride makes a quotient of the sizes, rounded up. */
export function gridSize({ image, layers }: Pick<GridEncoderConfig, 'image' | 'layers'>): {
  readonly rows: number;
  readonly columns: number;
} {
  const after = (size: number): number => layers.reduce((left, { stride }) => Math.ceil(left / stride), size);
  return { rows: after(image.height), columns: after(image.width) };
}

/** n */
export function partCount(config: Pick<GridEncoderConfig, 'image' | 'layers'>): number {
  const { rows, columns } = gridSize(config);
  return rows * columns;
}
