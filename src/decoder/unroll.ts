/**
 * The attention decoder over whole target sequences, for training: teacher forcing, scheduled sampling, dropout.
 * The arithmetic of a step is `decoderStep`, as in `decodeStep`; what needs no recurrence is done once for all steps.
 *
 * Shapes: B utterances, U targets of the longest, E entries, D memory depth, H units, F features, L labels.
 */
import * as tf from '@tensorflow/tfjs-core';

import { type Dropout, noDropout, seededDropout } from '../encoder/dropout.ts';
import { HearkenError } from '../errors.ts';
import type { Weights } from '../cell/cell.ts';
import { weight } from '../cell/cell.ts';
import { customGradArguments, ofRank2, ofRank3, tensorAt } from '../cell/typed-tensors.ts';
import type { Random } from '../tensor/random.ts';
import { assertShape } from '../tensor/shape.ts';
import {
  decoderStep,
  attentionWeights,
  type DecoderState,
  decoderStateOf,
  mechanismOf,
  outputLogits,
  projectTokens,
} from './step.ts';
import type { DecoderConfig } from './config.ts';

export type UnrollInputs = {
  /** `[B, E, D]`: the memory's entries. */ readonly entries: tf.Tensor3D;
  /** `[B, E]`: 0 or a log-mass, -1e9 on entries that may not be seen. */ readonly bias: tf.Tensor2D;
  /** `[B, U]`, int32: labels 1..L, then zeros. */ readonly targets: tf.Tensor2D;
  /**
   * Probability, 0 to 1, that a step is fed the decoder's own best label in place of the target (Bengio et al., 2015,
   * https://arxiv.org/abs/1506.03099). No gradient flows through the choice. Default 0.
   */
  readonly scheduledSampling?: number;
  /** Draws dropout, scheduled sampling and the noise of monotonic stops; without it there is none. */ readonly random?: Random;
};

export type Unrolled = {
  /** `[B, U + 1, L + 1]`: unnormalised scores of what follows targets 0..u; index 0 is the end. */
  readonly logits: tf.Tensor3D;
  /** `[B, U + 1, E]` */ readonly alignment: tf.Tensor3D;
};

/** Runs U + 1 steps. Throws `tensor/shape`, and `option/out-of-range` for a sampling that nothing draws. */
export function unrollDecoder(weights: Weights, config: DecoderConfig, inputs: UnrollInputs): Unrolled {
  const { entries, bias, targets, scheduledSampling = 0, random } = inputs;
  const [batch, count] = entries.shape;
  assertShape('entries', entries, [null, null, null]);
  assertShape('bias', bias, [batch, count]);
  assertShape('targets', targets, [batch, null]);
  if (!(scheduledSampling >= 0 && scheduledSampling <= 1) || (scheduledSampling > 0 && random === undefined)) {
    throw new HearkenError(
      'option/out-of-range',
      `Expected \`scheduledSampling\` in 0..1, and a \`random\` where above 0, got ${scheduledSampling}`,
    );
  }
  const dropout = random === undefined ? noDropout : seededDropout(config.dropout, random);
  return tf.tidy(() => {
    const mechanism = mechanismOf(config, random === undefined ? {} : { noise: random });
    const memory = mechanism.prepare(attentionWeights(weights), { values: entries, bias });
    const tokens = oneHotTokens(targets, weight(weights, 'decoder.output.bias').size);
    const feed =
      random !== undefined && scheduledSampling > 0
        ? scheduledFeed(weights, tokens, dropout, () => random.uniform() < scheduledSampling)
        : teacherForcedFeed(weights, tokens, dropout);
    const initial = tf.zeros<tf.Rank.R2>([batch, config.units]);
    const attended = decoderStateOf(mechanism.start(memory));
    let state: DecoderState = { 'state.hidden': initial, 'state.attentional': initial, ...attended };
    const features: tf.Tensor2D[] = [];
    const alignments: tf.Tensor2D[] = [];
    for (let step = 0; step < tokens.shape[1]; step++) {
      const advanced = decoderStep(weights, config, { mechanism, memory, token: feed(step, features.at(-1)), state });
      features.push(advanced.features);
      alignments.push(advanced.alignment);
      ({ state } = advanced);
    }
    const flat = tf.reshape<tf.Rank.R2>(tf.stack(features, 1), [batch * features.length, -1]); // [B (U + 1), F]
    const logits = tf.reshape<tf.Rank.R3>(outputLogits(weights, dropout(flat)), [batch, features.length, -1]);
    return { logits, alignment: ofRank3(tf.stack(alignments, 1)) };
  });
}

/** The start symbol, then the targets, `[B, U + 1, L + 1]`: as a product with it, an embedding has a gradient anywhere. */
function oneHotTokens(targets: tf.Tensor2D, tokenCount: number): tf.Tensor3D {
  const start = tf.zeros<tf.Rank.R2>([targets.shape[0], 1], 'int32');
  return ofRank3(tf.oneHot(tf.concat([start, targets], 1), tokenCount));
}

/** Gives the recurrent unit's share of the token before a step, `[B, 3 H]`; `features` are the step before's. */
type Feed = (step: number, features: tf.Tensor2D | undefined) => tf.Tensor2D;

/** Every step is fed the target before it: all of them are embedded at once. */
function teacherForcedFeed(weights: Weights, tokens: tf.Tensor3D, dropout: Dropout): Feed {
  const [batch, steps, tokenCount] = tokens.shape;
  const rows = tf.reshape<tf.Rank.R2>(tokens, [batch * steps, tokenCount]);
  const projected = projectTokens(weights, dropout(embed(weights, rows)));
  const byStep = tf.unstack(tf.reshape(projected, [batch, steps, -1]), 1);
  return (step) => ofRank2(tensorAt(byStep, step)); // [B, 3 H]
}

/** Each row of a step is fed the decoder's own best label where `isSampled()`, else the target before it. */
function scheduledFeed(weights: Weights, tokens: tf.Tensor3D, dropout: Dropout, isSampled: () => boolean): Feed {
  const [batch] = tokens.shape;
  const byStep = tf.unstack(tokens, 1);
  return (step, features) => {
    const target = ofRank2(tensorAt(byStep, step)); // [B, L + 1]
    if (features === undefined) return projectTokens(weights, dropout(embed(weights, target)));
    const share = tf.tensor2d(
      Array.from({ length: batch }, () => (isSampled() ? 1 : 0)),
      [batch, 1],
    );
    const token = tf.add<tf.Tensor2D>(tf.mul(target, tf.sub(1, share)), tf.mul(bestToken(weights, features), share));
    return projectTokens(weights, dropout(embed(weights, token)));
  };
}

function embed(weights: Weights, tokens: tf.Tensor2D): tf.Tensor2D {
  return tf.matMul(tokens, weight(weights, 'decoder.embedding'));
}

/** One-hot likeliest token after a step, `[B, L + 1]`, as a constant: no gradient flows into `features`. */
function bestToken(weights: Weights, features: tf.Tensor2D): tf.Tensor2D {
  const choose = tf.customGrad<tf.Tensor2D>((...given) => {
    const logits = outputLogits(weights, ofRank2(tensorAt(customGradArguments(given).tensors, 0)));
    const value = ofRank2(tf.oneHot(tf.argMax(logits, 1), logits.shape[1]));
    return { value, gradFunc: () => tf.zerosLike(features) };
  });
  return choose(features);
}
