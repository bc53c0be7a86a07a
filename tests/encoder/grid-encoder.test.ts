import '@tensorflow/tfjs-backend-cpu';
import * as tf from '@tensorflow/tfjs';
import { beforeAll, expect, test } from 'vitest';

import { noDropout } from '../../src/encoder/dropout.ts';
import { encode, encoderStates, initEncoder } from '../../src/encoder/encoder.ts';
import { type GridEncoderConfig, gridSize, partCount } from '../../src/encoder/grid-size.ts';
import type { HostArray, HostArrays } from '../../src/tensor/host-array.ts';
import { normalArray, Random } from '../../src/tensor/random.ts';
import { tensorsOf } from '../../src/tensor/tensors-of.ts';
import { gradientErrors, mixed } from '../attention/finite-differences.ts';

beforeAll(() => tf.setBackend('cpu'));

const CONFIG: GridEncoderConfig = {
  kind: 'grid',
  units: 4,
  image: { height: 5, width: 6, channels: 2 },
  kernel: 3,
  layers: [
    { channels: 3, stride: 2 },
    { channels: 5, stride: 1 },
  ],
};

/** Weights as after a training, none at 0. */
function trained(config: GridEncoderConfig): HostArrays {
  const random = Random.seeded(3);
  const first = initEncoder(config, config.image.width * config.image.channels, random);
  return Object.fromEntries(Object.entries(first).map(([name, { shape }]) => [name, normalArray(random, shape, 0.5)]));
}

const WEIGHTS = trained(CONFIG);
const DEPTH = CONFIG.image.width * CONFIG.image.channels;
const IMAGES = normalArray(Random.seeded(4), [2, CONFIG.image.height, DEPTH], 1);

type Grid = { readonly height: number; readonly width: number; readonly channels: number; readonly data: number[] };

/** One layer by its equation, pixel by pixel. */
function layerByHand(x: Grid, named: (part: string) => HostArray, kernel: number, stride: number): Grid {
  const [W, b, gain, offset] = ['kernel', 'bias', 'norm.gain', 'norm.offset'].map((part) => named(part).data);
  const outputs = b!.length;
  const [height, width] = [Math.ceil(x.height / stride), Math.ceil(x.width / stride)];
  const data: number[] = [];
  for (let row = 0; row < height; row++) {
    for (let column = 0; column < width; column++) {
      const sums = Array.from(b!);
      for (let i = 0; i < kernel; i++) {
        for (let j = 0; j < kernel; j++) {
          const [y, z] = [row * stride + i - (kernel - 1) / 2, column * stride + j - (kernel - 1) / 2];
          if (y < 0 || y >= x.height || z < 0 || z >= x.width) continue;
          for (let c = 0; c < x.channels; c++) {
            const pixel = x.data[(y * x.width + z) * x.channels + c]!;
            for (let o = 0; o < outputs; o++)
              sums[o]! += pixel * W![((i * kernel + j) * x.channels + c) * outputs + o]!;
          }
        }
      }
      const mean = sums.reduce((a, s) => a + s, 0) / outputs;
      const deviation = Math.sqrt(sums.reduce((a, s) => a + (s - mean) ** 2, 0) / outputs + 1e-5);
      data.push(...sums.map((s, o) => Math.max(0, ((s - mean) / deviation) * gain![o]! + offset![o]!)));
    }
  }
  return { height, width, channels: outputs, data };
}

function run(images: HostArray = IMAGES): { vectors: tf.Tensor3D; final: tf.Tensor2D } {
  const inputs = tf.tensor3d(images.data, [images.shape[0]!, CONFIG.image.height, DEPTH]);
  const { vectors, final } = encode(tensorsOf(WEIGHTS), CONFIG, inputs, {}, noDropout);
  return { vectors, final: final! };
}

test('a grid of an image is its convolutions, a map and a place for each part, as loops compute them', () => {
  const { height, width, channels } = CONFIG.image;
  let x: Grid = { height, width, channels, data: Array.from(IMAGES.data.subarray(0, height * DEPTH)) };
  for (const [layer, { stride }] of CONFIG.layers.entries()) {
    x = layerByHand(x, (part) => WEIGHTS[`encoder.grid.${layer}.${part}`]!, CONFIG.kernel, stride);
  }
  const [V, v, P] = ['parts.kernel', 'parts.bias', 'places'].map((name) => WEIGHTS[`encoder.${name}`]!.data);
  const parts = Array.from({ length: 9 * CONFIG.units }, (_, index) => {
    const [part, unit] = [Math.floor(index / CONFIG.units), index % CONFIG.units];
    const features = x.data.slice(part * x.channels, (part + 1) * x.channels);
    return features.reduce((sum, f, c) => sum + f * V![c * CONFIG.units + unit]!, v![unit]! + P![index]!);
  });
  const { vectors, final } = run();
  expect(vectors.shape).toEqual([2, 9, 4]);
  const own = [...tf.slice(vectors, [0, 0, 0], [1, 9, 4]).dataSync()];
  for (const [index, value] of parts.entries()) expect(own[index]).toBeCloseTo(value, 4);
  const [F, f] = ['final.kernel', 'final.bias'].map((name) => WEIGHTS[`encoder.${name}`]!.data);
  for (const [unit, value] of [...tf.slice(final, [0, 0], [1, 4]).dataSync()].entries()) {
    expect(value).toBeCloseTo(
      parts.reduce((sum, p, i) => sum + p * F![i * 4 + unit]!, f![unit]!),
      3,
    );
  }
});

test('the rows and columns of a grid are those of the image, divided by the strides and rounded up', () => {
  expect([gridSize(CONFIG), partCount(CONFIG), encoderStates(CONFIG, DEPTH)]).toEqual([{ rows: 3, columns: 3 }, 9, {}]);
  const layers = [2, 2, 2, 1].map((stride) => ({ channels: 1, stride }));
  expect(gridSize({ image: { height: 64, width: 60, channels: 1 }, layers })).toEqual({ rows: 8, columns: 8 });
});

test('an image is encoded alike alone and beside another', () => {
  const alone = run({ shape: [1, 5, DEPTH], data: IMAGES.data.slice(5 * DEPTH) });
  const beside = run();
  const gap = tf.max(tf.abs(tf.sub(tf.slice(beside.vectors, [1, 0, 0], [1, 9, 4]), alone.vectors)));
  expect(gap.dataSync()[0]).toBeLessThan(1e-5);
});

test('gradients in every weight and the pixels are those of differences', () => {
  const images = tf.tensor3d(IMAGES.data, [2, 5, DEPTH]);
  // Offsets that keep every sum above 0, away from the corner of relu.
  const above = Object.entries(tensorsOf(WEIGHTS)).map(([name, tensor]) =>
    name.endsWith('norm.offset') ? ([name, tf.fill(tensor.shape, 4)] as const) : ([name, tensor] as const),
  );
  const errors = gradientErrors(
    ({ images: seen, ...weights }) => {
      const { vectors, final } = encode(weights, CONFIG, seen as tf.Tensor3D, {}, noDropout);
      return mixed(vectors, final!);
    },
    { ...Object.fromEntries(above), images },
  );
  expect(Math.max(...Object.values(errors))).toBeLessThan(0.01);
});
