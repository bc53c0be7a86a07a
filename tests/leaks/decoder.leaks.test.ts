import '@tensorflow/tfjs-backend-cpu';
import * as tf from '@tensorflow/tfjs';
import { beforeAll, expect, test } from 'vitest';

import { decodeStep, prepareDecoderMemory } from '../../src/decoder/decoder.ts';
import { unrollDecoder } from '../../src/decoder/unroll.ts';
import { Random } from '../../src/tensor/random.ts';
import { smoothedCrossEntropy } from '../../src/training/cross-entropy.ts';
import { ctcLoss } from '../../src/ctc/loss.ts';
import { decoderExample } from '../decoder/example.ts';

beforeAll(() => tf.setBackend('cpu'));

const MEBIBYTE = 2 ** 20;

/** Runs `work` until warm, then `times` more; returns how many tensors and MiB of heap that left behind. */
function leftBehind(times: number, work: () => void): { readonly tensors: number; readonly heap: number } {
  const measure = (): { tensors: number; heap: number } => {
    globalThis.gc?.();
    return { tensors: tf.memory().numTensors, heap: process.memoryUsage().heapUsed / MEBIBYTE };
  };
  for (let i = 0; i < times / 5; i++) work();
  const before = measure();
  for (let i = 0; i < times; i++) work();
  const after = measure();
  return { tensors: after.tensors - before.tensors, heap: after.heap - before.heap };
}

test('decoding a thousand utterances leaves nothing behind', () => {
  const { weights, config, entries, bias } = decoderExample({ order: 'luong', score: 'location' });
  const hidden = tf.zeros([2, config.units]);
  const state = { 'state.hidden': hidden, 'state.attentional': hidden, 'state.alignment': tf.zeros([2, 5]) };
  const left = leftBehind(1000, () => {
    const keys = prepareDecoderMemory(weights, config, entries);
    const token = tf.tensor1d([0, 1], 'int32');
    tf.dispose([decodeStep(weights, config, { token, keys, values: entries, bias, state }), token, keys]);
  });
  expect(left.tensors).toBe(0);
  expect(left.heap).toBeLessThan(2);
});

test('a hundred training steps leave nothing behind', () => {
  const { weights, config, ...inputs } = decoderExample({ order: 'bahdanau', score: 'location' }, 0.1);
  const random = Random.seeded(1);
  const kernel = weights['decoder.gru.hidden']!;
  const left = leftBehind(100, () => {
    const loss = (moved: tf.Tensor): tf.Scalar => {
      const moving = { ...weights, 'decoder.gru.hidden': moved };
      const { logits } = unrollDecoder(moving, config, { ...inputs, scheduledSampling: 0.5, random });
      const attention = smoothedCrossEntropy(logits, inputs.targets, 0.1);
      return tf.add(attention, tf.sum(ctcLoss(logits, [[1, 2], [3]], [4, 2])));
    };
    tf.grad(loss)(kernel).dispose();
  });
  expect(left.tensors).toBe(0);
  expect(left.heap).toBeLessThan(2);
});
