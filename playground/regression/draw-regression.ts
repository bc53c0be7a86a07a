/** Points, the curve that answers for every place, and how much each point has a say at one of them. */
import type { Surface } from '../../console/canvas/canvas.tsx';
import { mixed } from '../../console/canvas/palette.ts';
import type { Kernel } from '../../src/attention/kernel-regression.ts';
import { answerAt, type Point, weightsAt } from './regression.ts';

export type Regression = {
  readonly points: readonly Point[];
  readonly kernel: Kernel;
  readonly width: number;
  /** Where it is asked, between the first and the last point. */ readonly query: number;
};

export const REGRESSION_HEIGHT = 240;
const MARGIN = 16;
const BARS = 56;

export function drawRegression({ context, width: pixels, palette }: Surface, regression: Regression): void {
  const { points, kernel, width, query } = regression;
  const [first, last] = [points[0]!.x, points.at(-1)!.x]; // in order, and not none
  const [lowest, highest] = [Math.min(...points.map(({ y }) => y)), Math.max(...points.map(({ y }) => y))];
  const bottom = REGRESSION_HEIGHT - BARS - MARGIN;
  const toX = (x: number): number => MARGIN + ((x - first) / (last - first)) * (pixels - 2 * MARGIN);
  const toY = (y: number): number => bottom - ((y - lowest) / (highest - lowest)) * (bottom - MARGIN);
  const weights = weightsAt(points, query, kernel, width);
  const most = Math.max(...weights, Number.MIN_VALUE);

  context.strokeStyle = palette.accent;
  context.lineWidth = 2;
  context.beginPath();
  for (let x = 0; x <= pixels - 2 * MARGIN; x += 2) {
    const place = first + (x / (pixels - 2 * MARGIN)) * (last - first);
    context.lineTo(MARGIN + x, toY(answerAt(points, place, kernel, width)));
  }
  context.stroke();

  context.fillStyle = palette.line;
  context.fillRect(toX(query), MARGIN, 1, REGRESSION_HEIGHT - 2 * MARGIN);
  for (const [index, { x, y }] of points.entries()) {
    const weight = weights[index]!;
    context.fillStyle = mixed(palette.mix.ink, palette.mix.glow, weight / most);
    context.beginPath();
    context.arc(toX(x), toY(y), 3 + (4 * weight) / most, 0, 2 * Math.PI);
    context.fill();
    context.fillStyle = palette.glow;
    const height = (weight / most) * (BARS - MARGIN);
    context.fillRect(toX(x) - 2, REGRESSION_HEIGHT - MARGIN - height, 4, height);
  }
  context.strokeStyle = palette.ink;
  context.beginPath();
  context.arc(toX(query), toY(answerAt(points, query, kernel, width)), 6, 0, 2 * Math.PI);
  context.stroke();
}
