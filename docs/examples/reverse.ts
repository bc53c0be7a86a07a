/** A sequence-to-sequence model that reverses strings, of parts: `npx tsx docs/examples/reverse.ts` */
import { mkdtemp } from 'node:fs/promises';

import * as tf from '@tensorflow/tfjs';

import { paddingBias, Random, tensorsOf, type Weights } from '../../src/attention/index.ts';
import { loadBackend } from '../../src/backend/backends.ts';
import { decodeGreedily, type DecoderConfig, initDecoder, unrollDecoder } from '../../src/decoder/index.ts';
import { lstmSequence } from '../../src/encoder/lstm.ts';
import { smoothedCrossEntropy } from '../../src/losses/index.ts';
import { normalArray } from '../../src/tensor/random.ts';
import { train } from '../../src/training/train.ts';

const [LETTERS, LONGEST, UNITS] = [8, 8, 48];
const sizes = { units: UNITS, attentionUnits: UNITS, embedding: 16, dropout: 0 };
const decoder: DecoderConfig = { order: 'luong', score: 'additive', ...sizes };

/** Strings of 2 to `LONGEST` letters; those that are held out, one in five, training never sees. */
function draw(random: Random, count: number, isHeldOut: boolean): number[][] {
  const strings: number[][] = [];
  while (strings.length < count) {
    const letters = Array.from({ length: 2 + random.integer(LONGEST - 1) }, () => 1 + random.integer(LETTERS));
    const checksum = letters.reduce((sum, letter, place) => sum + letter * (place + 3), 0);
    if ((checksum % 5 === 0) === isHeldOut) strings.push(letters);
  }
  return strings;
}

/** `[B, T]`, with 0 behind the end of a string. */
function padded(strings: readonly number[][]): tf.Tensor2D {
  return tf.tensor2d(strings.map((letters) => Array.from({ length: LONGEST }, (_, place) => letters[place] ?? 0)));
}

/** What an LSTM has made of each letter and those before it. */
function encode(weights: Weights, strings: readonly number[][]): { entries: tf.Tensor3D; bias: tf.Tensor2D } {
  const inputs = tf.oneHot(tf.cast(tf.transpose(padded(strings)), 'int32'), LETTERS + 1) as tf.Tensor3D; // [T, B, L + 1]
  const [hidden, cell] = [tf.zeros<tf.Rank.R2>([strings.length, UNITS]), tf.zeros<tf.Rank.R2>([strings.length, UNITS])];
  const [kernel, offset] = [weights['encoder.kernel'] as tf.Tensor2D, weights['encoder.bias'] as tf.Tensor1D];
  const { outputs } = lstmSequence({ inputs: tf.cast(inputs, 'float32'), kernel, bias: offset, hidden, cell });
  const lengths = strings.map(({ length }) => length);
  return { entries: tf.transpose(outputs, [1, 0, 2]), bias: paddingBias(lengths, LONGEST) };
}

await loadBackend();
const start = performance.now();
const depths = { depth: UNITS, labelCount: LETTERS };
const task = {
  initialWeights: () => ({
    ...initDecoder(decoder, depths, Random.seeded(1)),
    'encoder.kernel': normalArray(Random.seeded(2), [LETTERS + 1 + UNITS, 4 * UNITS], 0.15),
    'encoder.bias': { shape: [4 * UNITS], data: new Float32Array(4 * UNITS) },
  }),
  batches: async (shard: number) =>
    Array.from({ length: 10 }, (_, i) => draw(Random.seeded(10 * shard + i), 64, false)),
  loss: (weights: Weights, strings: number[][]) => {
    const targets = tf.cast<tf.Tensor2D>(padded(strings.map((letters) => letters.toReversed())), 'int32');
    const { logits } = unrollDecoder(weights, decoder, { ...encode(weights, strings), targets });
    return { total: smoothedCrossEntropy(logits, targets, 0), parts: {} };
  },
  validate: async () => ({ error: 0 }),
  save: async () => {},
};
const directory = await mkdtemp('/tmp/reverse-');
const schedule = { seed: 1, steps: 400, learningRate: 6e-3, warmup: 20, validateEvery: 400 };
const { optimizer } = await train(task, { ...schedule, directory });

const weights = tensorsOf(optimizer.average);
const unseen = draw(Random.seeded(3), 1000, true);
const decoded = await decodeGreedily(weights, decoder, { ...encode(weights, unseen), limit: LONGEST + 1 });
for (const shares of decoded.find(({ labels }) => labels.length === LONGEST)?.alignment ?? []) {
  console.log(shares.map((share) => ' .:+#'[Math.round(share * 4)]).join(''));
}
const right = decoded.filter(({ labels }, row) => labels.join() === unseen[row]?.toReversed().join()).length;
console.log(`accuracy ${right / 10} % in ${Math.round((performance.now() - start) / 1000)} s`);
