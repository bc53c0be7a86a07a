/**
 * Connectionist temporal classification (Graves et al., 2006) as a differentiable operation.
 *
 * Shapes: B batch, T vectors, L labels (ids 1..L; id 0 is the blank).
 */
import * as tf from '@tensorflow/tfjs-core';

import { HearkenError } from '../errors.ts';
import { assertShape } from '../tensor/shape.ts';
import { ctcForwardBackward } from './forward-backward.ts';
import { ctcByTensors } from './loss-by-tensors.ts';
import { customGradArguments, ofRank3, tensorAt } from '../cell/typed-tensors.ts';

/**
 * `-log P(labels[b] | softmax(logits[b]))` for each row, `[B]`, with its exact gradient by `logits`, `[B, T, L + 1]`.
 *
 * Row `b` is `frameCounts[b]` vectors long (0..T); what lies behind has no influence and gradient 0. A row whose labels
 * do not fit its vectors has loss `Infinity` and gradient 0, as PyTorch's `zero_infinity` has for the gradient: mask it
 * out of a mean by `tf.isFinite`.
 *
 * The recursion runs on the host, which waits for everything that `logits` depend on; on WebGPU it runs there.
 *
 * Throws `tensor/shape` and `ctc/labels`.
 *
 * @example
 * ```ts
 * import '@tensorflow/tfjs-backend-cpu';
 * import * as tf from '@tensorflow/tfjs-core';
 * import { ctcLoss } from 'hearken/losses';
 *
 * const logits = tf.zeros<tf.Rank.R3>([2, 3, 3]); // two rows of three vectors, the blank and two labels, all alike
 * const losses = await ctcLoss(logits, [[1], [1, 1, 2]], [3, 3]).array();
 * console.log(losses.map((loss) => Math.exp(-loss).toFixed(4)).join(' '));
 * // => 0.2222 0.0000
 * ```
 * Six of 27 paths spell the first row; the second needs a blank between its equal labels, and so four vectors.
 */
export function ctcLoss(
  logits: tf.Tensor3D,
  labels: readonly ArrayLike<number>[],
  frameCounts: ArrayLike<number>,
): tf.Tensor1D {
  assertShape('logits', logits, [null, null, null]);
  const [batch, frameCount, classCount] = logits.shape;
  assertRows(logits.shape, labels, frameCounts);
  // WebGPU gives numbers back later only, and a custom gradient cannot wait for them.
  if (tf.getBackend() === 'webgpu') return lossOnDevice(logits, labels, frameCounts);
  const loss = tf.customGrad<tf.Tensor1D>((...given) => {
    // oxlint-disable-next-line no-restricted-properties -- a custom gradient is synchronous: it cannot await its input
    const values = tensorAt(customGradArguments(given).tensors, 0).dataSync<'float32'>();
    const gradient = new Float32Array(values.length);
    const losses = labels.map((row, index) => {
      const start = index * frameCount * classCount;
      const end = start + frameCounts[index]! * classCount;
      return ctcForwardBackward(values.subarray(start, end), classCount, row, gradient.subarray(start, end));
    });
    const gradFunc = (dy: tf.Tensor): tf.Tensor =>
      tf.mul(tf.tensor3d(gradient, [batch, frameCount, classCount]), tf.reshape(dy, [batch, 1, 1]));
    return { value: tf.tensor1d(losses, 'float32'), gradFunc };
  });
  return loss(logits);
}

function lossOnDevice(
  logits: tf.Tensor3D,
  labels: readonly ArrayLike<number>[],
  frameCounts: ArrayLike<number>,
): tf.Tensor1D {
  const loss = tf.customGrad<tf.Tensor1D>((...given) => {
    const { tensors, save } = customGradArguments(given);
    const { losses, gradient } = ctcByTensors(ofRank3(tensorAt(tensors, 0)), labels, frameCounts);
    save([gradient]);
    const gradFunc = (dy: tf.Tensor, saved: tf.Tensor[]): tf.Tensor =>
      tf.mul(tensorAt(saved, 0), tf.reshape(dy, [logits.shape[0], 1, 1]));
    return { value: losses, gradFunc };
  });
  return loss(logits);
}

function assertRows(
  [batch, frameCount, classCount]: readonly [number, number, number],
  labels: readonly ArrayLike<number>[],
  frameCounts: ArrayLike<number>,
): void {
  const isCount = (count: number): boolean => Number.isInteger(count) && count >= 0 && count <= frameCount;
  if (labels.length !== batch || frameCounts.length !== batch || !Array.from(frameCounts).every(isCount)) {
    throw new HearkenError(
      'ctc/labels',
      `Expected ${batch} labellings and as many \`frameCounts\` in 0..${frameCount}, ` +
        `got ${labels.length} and [${Array.from(frameCounts).join(', ')}]`,
    );
  }
  for (const [row, ids] of labels.entries()) {
    const isLabel = (id: number): boolean => Number.isInteger(id) && id >= 1 && id < classCount;
    if (!Array.from(ids).every(isLabel)) {
      throw new HearkenError(
        'ctc/labels',
        `Expected \`labels[${row}]\` of ids in 1..${classCount - 1}, got [${Array.from(ids).join(', ')}]`,
      );
    }
  }
}
