import type * as tf from '@tensorflow/tfjs-core';
import { HearkenError } from '../errors.ts';
import type { TensorSpec } from './tensor-spec.ts';

/** Weights by their checkpoint name, for example `encoder.lstm.0.kernel`. */
export type Weights = Readonly<Record<string, tf.Tensor>>;

/**
 * A pure function of weights and inputs: trained in tfjs, exported by tracing, streamed by an executor.
 *
 * An input named `state.*` is stream state: an output of the same name replaces it, and it starts at zeros.
 */
export type Cell = {
  readonly name: string;
  readonly inputs: Readonly<Record<string, TensorSpec>>;
  readonly outputs: Readonly<Record<string, TensorSpec>>;
  readonly run: (weights: Weights, inputs: Readonly<Record<string, tf.Tensor>>) => Record<string, tf.Tensor>;
};

/** The tensor called `name`. Throws `model/missing-tensor` where there is none. */
export function weight(tensors: Readonly<Record<string, tf.Tensor>>, name: string): tf.Tensor {
  const tensor = tensors[name];
  if (tensor === undefined) throw new HearkenError('model/missing-tensor', `Expected a tensor \`${name}\`, got none`);
  return tensor;
}
