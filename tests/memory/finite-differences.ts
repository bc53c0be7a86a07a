import * as tf from '@tensorflow/tfjs';

/**
 * The largest gap between the gradient of `loss` and central differences, over up to `probes` elements of each input,
 * relative to the size of the gradient. In float32 a right gradient stays below about 1e-2.
 */
export function gradientGap(
  loss: (...inputs: tf.Tensor[]) => tf.Scalar,
  inputs: readonly tf.Tensor[],
  probes = 12,
): number {
  return tf.tidy(() => {
    const gradients = tf.grads(loss)([...inputs]);
    let worst = 0;
    for (const [position, input] of inputs.entries()) {
      const gradient = gradients[position]!.dataSync();
      const size = Math.max(...gradient.map(Math.abs), 1e-3);
      const stride = Math.max(1, Math.floor(input.size / probes));
      for (let index = position % stride; index < input.size; index += stride) {
        const slope =
          (lossAt(loss, inputs, position, index, STEP) - lossAt(loss, inputs, position, index, -STEP)) / (2 * STEP);
        worst = Math.max(worst, Math.abs(slope - (gradient[index] ?? Number.NaN)) / size);
      }
    }
    return worst;
  });
}

const STEP = 1e-2;

function lossAt(
  loss: (...inputs: tf.Tensor[]) => tf.Scalar,
  inputs: readonly tf.Tensor[],
  position: number,
  index: number,
  shift: number,
): number {
  return tf.tidy(() => {
    const moved = inputs.map((input, each) => {
      if (each !== position) return input;
      const data = Float32Array.from(input.dataSync());
      data[index] = (data[index] ?? 0) + shift;
      return tf.tensor(data, input.shape);
    });
    return loss(...moved).dataSync()[0] ?? Number.NaN;
  });
}
