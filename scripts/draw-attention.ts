/** Draws the pictures of `docs/attention.md` into `docs/pictures/`: `npx tsx scripts/draw-attention.ts`. */
import '@tensorflow/tfjs-backend-cpu';
import { mkdir, writeFile } from 'node:fs/promises';
import { pathToFileURL } from 'node:url';

import * as tf from '@tensorflow/tfjs-core';

import {
  additive,
  type AttentionMechanism,
  averagePooling,
  dot,
  kernelRegression,
  normalArray,
  Random,
  scaledDot,
  selfAttention,
  tensorsOf,
} from '../src/attention/index.ts';
import { alignmentOf, EXAMPLES, LETTERS } from './attention-examples.ts';

const INK = '#1f2937';
const BLUE = '#4338ca';
const COLORS = ['#9ca3af', '#f59e0b', '#10b981', BLUE];

/** Every picture by its name without `.svg`. */
export async function attentionPictures(): Promise<Record<string, string>> {
  await tf.setBackend('cpu');
  const maps: [string, string][] = [];
  for (const [name, example] of Object.entries(EXAMPLES)) maps.push([name, map(await alignmentOf(example), name)]);
  return {
    ...Object.fromEntries(maps),
    'self-attention': map(await causalSelfAttention(), 'self-attention'),
    'kernel-regression': await kernelPicture(),
    'sharpness-by-depth': await sharpnessPicture(),
    'order-bahdanau': orderPicture('bahdanau'),
    'order-luong': orderPicture('luong'),
  };
}

/** A row a query, a column an entry: the darker, the larger the share. */
function map(alignment: readonly (readonly number[])[], name: string): string {
  const [cell, left, top] = [26, 30, 30];
  const size = { width: left + LETTERS.length * cell + 10, height: top + LETTERS.length * cell + 10 };
  const labels = LETTERS.flatMap((letter, index) => [
    text(left + (index + 0.5) * cell, top - 9, letter, 'middle'),
    text(left - 10, top + (index + 0.7) * cell, letter, 'end'),
  ]);
  const cells = alignment.flatMap((row, y) =>
    row.map((share, x) => {
      const at = `x="${left + x * cell}" y="${top + y * cell}" width="${cell - 2}" height="${cell - 2}"`;
      return `<rect ${at} rx="3" fill="${BLUE}" fill-opacity="${share.toFixed(3)}" stroke="#e5e7eb"/>`;
    }),
  );
  return svg(size, `Where each query (row) looks among six letters (columns): ${name}`, [...labels, ...cells]);
}

/** Letters that seek letters like themselves among those up to them. */
async function causalSelfAttention(): Promise<number[][]> {
  const kinds = [...new Set(LETTERS)];
  const row = (letter: string): number[] => kinds.map((kind) => (kind === letter ? 1 : 0));
  const eye = kinds.map(row);
  const [scaled, plain] = [tf.mul<tf.Tensor2D>(tf.tensor2d(eye), 2.6), tf.tensor2d(eye)];
  const weights = { 'head.0.query': scaled, 'head.0.key': scaled, 'head.0.value': plain, output: plain };
  const layer = selfAttention({ heads: 1, causal: true });
  const values = tf.tensor3d([LETTERS.map(row)]);
  const { alignment } = layer.attend(weights, { values, bias: tf.zeros([1, LETTERS.length]) });
  return (await alignment.array())[0] ?? [];
}

/** Points of a curve with noise, and what averages of them make of the curve. */
async function kernelPicture(): Promise<string> {
  const random = Random.seeded(3);
  const xs = Array.from({ length: 30 }, (_, index) => (5 * index) / 29);
  const truth = (x: number): number => 2 * Math.sin(x) + x ** 0.8; // of a textbook on kernel regression
  const ys = xs.map((x) => truth(x) + 0.5 * random.normal());
  const lines = Array.from({ length: 101 }, (_, index) => index / 20);
  const at = async (mechanism: AttentionMechanism): Promise<number[]> => {
    // A memory for each place that is asked for.
    const keys = tf.tensor3d(lines.map(() => xs.map((x) => [x])));
    const values = tf.tensor3d(lines.map(() => ys.map((y) => [y])));
    const prepared = mechanism.prepare({}, { keys, values, bias: tf.zeros([lines.length, xs.length]) });
    const { context } = mechanism.attend({}, tf.tensor2d(lines.map((x) => [x])), prepared, {});
    return (await context.array()).flat();
  };
  const curves = {
    average: await at(averagePooling),
    'Gaussian kernel, width 1': await at(kernelRegression()),
    'Gaussian kernel, width 0.3': await at(kernelRegression({ width: 0.3 })),
    'the curve itself': lines.map(truth),
  };
  const points = xs.map((x, index) => ({ x, y: ys[index] ?? 0 }));
  return plot('What averages of thirty noisy points make of a curve', {
    xs: lines,
    curves,
    points,
    yTop: 6,
    xLabel: 'x',
  });
}

const DEPTHS = [1, 2, 4, 8, 16, 32, 64, 128, 256];

/** The largest of sixteen shares, by depth, before anything is learned: mean of many random queries. */
async function sharpnessPicture(): Promise<string> {
  const [rows, entries] = [200, 16];
  const largest = async (mechanism: AttentionMechanism, seed: number): Promise<number[]> => {
    const means: number[] = [];
    for (const depth of DEPTHS) {
      const random = Random.seeded(seed + depth);
      const drawn = (...shape: number[]): tf.Tensor => tf.tensor(normalArray(random, shape, 1).data, shape);
      const sizes = { queryDepth: depth, memoryDepth: depth, attentionUnits: depth };
      const weights = tensorsOf(mechanism.init(sizes, random));
      const values = drawn(rows, entries, depth) as tf.Tensor3D; // three axes, and two
      const prepared = mechanism.prepare(weights, { values, bias: tf.zeros([rows, entries]) });
      const { alignment } = mechanism.attend(weights, drawn(rows, depth) as tf.Tensor2D, prepared, {});
      means.push(...(await tf.mean(tf.max(alignment, 1)).data()));
    }
    return means;
  };
  const curves = {
    'all alike': DEPTHS.map(() => 1 / entries),
    'scaled-dot': await largest(scaledDot, 1),
    additive: await largest(additive, 2),
    dot: await largest(dot, 3),
  };
  const xs = DEPTHS.map((depth) => Math.log2(depth));
  const title = 'The largest of sixteen shares before anything is learned, by depth';
  return plot(title, { xs, curves, yTop: 1, xLabel: 'depth 1 to 256, doubling' });
}

type Plot = {
  readonly xs: readonly number[];
  /** Heights by name, in the order of `COLORS`. */ readonly curves: Readonly<Record<string, readonly number[]>>;
  readonly points?: readonly { readonly x: number; readonly y: number }[];
  readonly yTop: number;
  readonly xLabel: string;
};

function plot(title: string, { xs, curves, points = [], yTop, xLabel }: Plot): string {
  const [left, top, width, height] = [40, 34, 420, 210];
  const xTop = xs.at(-1) ?? 1;
  const at = (x: number, y: number): string =>
    `${(left + (x / xTop) * width).toFixed(1)},${(top + height - (y / yTop) * height).toFixed(1)}`;
  const drawn = Object.entries(curves).flatMap(([name, ys], index) => {
    const color = COLORS[index] ?? INK;
    const line = ys.map((y, place) => at(xs[place] ?? 0, y)).join(' ');
    return [
      `<polyline points="${line}" fill="none" stroke="${color}" stroke-width="2"/>`,
      `<text x="${left + width + 12}" y="${top + 14 + 20 * index}" font-size="13" fill="${color}">${name}</text>`,
    ];
  });
  const dots = points.map(({ x, y }) => {
    const [cx, cy] = at(x, y).split(',');
    return `<circle cx="${cx}" cy="${cy}" r="2.5" fill="${INK}"/>`;
  });
  const axes = `<path d="M${left} ${top} V${top + height} H${left + width}" fill="none" stroke="#9ca3af"/>`;
  return svg({ width: left + width + 200, height: top + height + 34 }, title, [
    text(left, 20, title, 'start'),
    axes,
    text(left - 6, top + 6, String(yTop), 'end'),
    text(left - 6, top + height, '0', 'end'),
    text(left + width / 2, top + height + 22, xLabel, 'middle'),
    ...dots,
    ...drawn,
  ]);
}

type Box = { readonly x: number; readonly y: number; readonly label: string };

/** One step of a decoder in the order of its paper. */
function orderPicture(order: 'bahdanau' | 'luong'): string {
  const isLuong = order === 'luong';
  const boxes: Record<string, Box> = {
    before: { x: 20, y: 120, label: isLuong ? 's, t before' : 's before' },
    token: { x: 20, y: 200, label: 'y before' },
    memory: { x: 200, y: 20, label: 'memory h' },
    attend: { x: isLuong ? 380 : 200, y: 120, label: 'attend' },
    step: { x: isLuong ? 200 : 380, y: 200, label: 'recurrent step' },
    output: { x: 560, y: isLuong ? 120 : 200, label: isLuong ? 't = tanh(W [c; s])' : '[s; c]' },
    label: { x: 740, y: isLuong ? 120 : 200, label: 'y' },
  };
  const arrows: readonly (readonly [string, string, string])[] = isLuong
    ? [
        ['before', 'step', ''],
        ['token', 'step', ''],
        ['step', 'attend', 'new s asks'],
        ['memory', 'attend', ''],
        ['attend', 'output', 'c'],
        ['output', 'label', ''],
      ]
    : [
        ['before', 'attend', 'old s asks'],
        ['memory', 'attend', ''],
        ['attend', 'step', 'c'],
        ['token', 'step', ''],
        ['step', 'output', 's'],
        ['output', 'label', ''],
      ];
  const title = isLuong
    ? 'Luong’s order: step first, then attend with the new state'
    : 'Bahdanau’s order: attend with the old state, then step';
  return svg({ width: 880, height: 260 }, title, [
    text(440, 30, title, 'start'),
    '<defs><marker id="tip" viewBox="0 0 8 8" refX="8" refY="4" markerWidth="8" markerHeight="8" orient="auto"><path d="M0 0 L8 4 L0 8 z" fill="#6b7280"/></marker></defs>',
    ...arrows.map(([from, to, label]) => arrow(boxes[from]!, boxes[to]!, label)), // names of the boxes above
    ...Object.values(boxes).map(
      ({ x, y, label }) =>
        `<rect x="${x}" y="${y}" width="120" height="36" rx="8" fill="#eef2ff" stroke="${BLUE}"/>${text(x + 60, y + 23, label, 'middle')}`,
    ),
  ]);
}

function arrow(from: Box, to: Box, label: string): string {
  const isDown = to.x === from.x;
  const [x1, y1] = isDown ? [from.x + 60, from.y + 36] : [from.x + 120, from.y + 18];
  const [x2, y2] = isDown ? [to.x + 60, to.y] : [to.x, to.y + 18];
  const middle = label === '' ? '' : text((x1 + x2) / 2, (y1 + y2) / 2 - 6, label, 'middle');
  return `<path d="M${x1} ${y1} L${x2} ${y2}" stroke="#6b7280" fill="none" marker-end="url(#tip)"/>${middle}`;
}

function text(x: number, y: number, content: string, anchor: 'start' | 'middle' | 'end'): string {
  return `<text x="${x}" y="${y}" font-size="13" text-anchor="${anchor}" fill="${INK}">${content}</text>`;
}

function svg({ width, height }: { width: number; height: number }, label: string, parts: readonly string[]): string {
  const size = `viewBox="0 0 ${width} ${height}" width="${width}" height="${height}"`;
  const background = `<rect width="${width}" height="${height}" rx="8" fill="#ffffff"/>`;
  return `<svg xmlns="http://www.w3.org/2000/svg" ${size} role="img" aria-label="${label}" font-family="system-ui, sans-serif">\n${[background, ...parts].join('\n')}\n</svg>\n`;
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) {
  const folder = new URL('../docs/pictures/', import.meta.url);
  await mkdir(folder, { recursive: true });
  for (const [name, picture] of Object.entries(await attentionPictures())) {
    await writeFile(new URL(`${name}.svg`, folder), picture);
  }
}
