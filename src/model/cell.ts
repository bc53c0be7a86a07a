import type * as tf from '@tensorflow/tfjs-core';

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
