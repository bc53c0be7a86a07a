/**
 * The attention decoder over whole target sequences, for training: teacher forcing, scheduled sampling, dropout.
 * The arithmetic of a step is `decoderStep`, as in `decodeStep`; what needs no recurrence is done once for all steps.
 *
 * Shapes: B utterances, U targets of the longest, E entries, D memory depth, H units, G gates of the unit, F features (and
 * depth of the encoder's last state), L labels.
 */
import * as tf from '@tensorflow/tfjs-core';

import { stopsBefore } from '../attention/stops.ts';
import { type Dropout, noDropout, seededDropout } from '../encoder/dropout.ts';
import { embedRows } from '../encoder/embedding.ts';
import { HearkenError } from '../errors.ts';
import type { Weights } from '../cell/cell.ts';
import { ofRank1, ofRank2, ofRank3, tensor2, tensorAt } from '../cell/typed-tensors.ts';
import type { Random } from '../tensor/random.ts';
import { assertShape } from '../tensor/shape.ts';
import {
  attendAfterwards,
  attentionWeights,
  type DecoderState,
  decoderStateOf,
  decoderStep,
  type DecoderStepOutput,
  fedKind,
  mechanismOf,
  outputLogits,
  type StepInputs,
} from './step.ts';
import type { DecoderConfig } from './config.ts';
import { decodeStart } from './decoder.ts';
import { projectTokens, recurOverTokens } from './recurrence.ts';

export type UnrollInputs = {
  /** `[B, E, D]`: the memory's entries. */ readonly entries: tf.Tensor3D;
  /** `[B, E]`: 0 or a log-mass, -1e9 on entries that may not be seen. */ readonly bias: tf.Tensor2D;
  /** `[B, U]`, int32: labels 1..L, then zeros. */ readonly targets: tf.Tensor2D;
  /** `[B, F]`: the encoder's last state, for a decoder whose `firstState` is made of it. */
  readonly final?: tf.Tensor2D | undefined;
  /**
   * Probability, 0 to 1, that a step is fed the decoder's own best label in place of the target (Bengio et al., 2015,
   * https://arxiv.org/abs/1506.03099). No gradient flows through the choice. Default 0.
   */
  readonly scheduledSampling?: number;
  /** Draws dropout, scheduled sampling and the noise of monotonic stops; without it there is none. */ readonly random?: Random;
  /**
   * How attention that stops at entries does so: `expected` over all ways to stop, which is what is trained, or `hard`, as
   * in use, which only measures: it has no gradient, and is refused together with `random`. Default `expected`.
   */
  readonly stops?: 'expected' | 'hard';
};

export type Unrolled = {
  /** `[B, U + 1, L + 1]`: unnormalised scores of what follows targets 0..u; index 0 is the end. */
  readonly logits: tf.Tensor3D;
  /** `[B, U + 1, E]` */ readonly alignment: tf.Tensor3D;
  /** `[B, U + 1, E]`: probability that a step stops at an entry, of attention that does so: what lagging is made of. */
  readonly stops?: tf.Tensor3D;
  /** What each step drew, of attention that looks at one entry. */ readonly choices?: Choices;
};

/** Entries that were drawn. S is U + 1. */
export type Choices = {
  /** `[B, S]`: of the entry; 0 of a row that drew none. */ readonly logProbability: tf.Tensor2D;
  /** `[B, S]`, in nats: of what it was drawn from. */ readonly entropy: tf.Tensor2D;
};

/**
 * Runs U + 1 steps. Throws `tensor/shape`, and `option/out-of-range` for a sampling that nothing draws, for a training by
 * hard stops, and where `final` lacks.
 */
export function unrollDecoder(weights: Weights, config: DecoderConfig, inputs: UnrollInputs): Unrolled {
  assertUnrollInputs(inputs);
  const { entries, bias, targets, scheduledSampling = 0, random, stops = 'expected' } = inputs;
  const dropout = random === undefined ? noDropout : seededDropout(config.dropout, random);
  return tf.tidy(() => {
    const mechanism = mechanismOf(config, random === undefined ? { stops } : { stops, noise: random });
    const memory = mechanism.prepare(attentionWeights(weights), { values: entries, bias });
    const tokens = fedTokens(targets);
    const embedding: Embedding = { weights, config, dropout };
    const first = { ...startState(weights, config, inputs), ...decoderStateOf(mechanism.start(memory)) };
    const attention = { mechanism, memory };
    const isFed = fedKind(config) !== undefined;
    let steps: Steps;
    if (random !== undefined && scheduledSampling > 0) {
      const feed = scheduledFeed(embedding, tokens, () => random.uniform() < scheduledSampling);
      steps = stepByStep(stepwise(weights, config, attention, feed), first, tokens.shape[1]);
    } else if (config.cell === 'lstm' && !isFed) {
      steps = afterRecurrence(embedding, attention, tokens, first);
    } else {
      steps = stepByStep(
        stepwise(weights, config, attention, teacherForcedFeed(embedding, tokens)),
        first,
        tokens.shape[1],
      );
    }
    const { features, ...told } = steps;
    const [batch, count, depth] = features.shape;
    const rows = tf.reshape<tf.Rank.R2>(features, [batch * count, depth]); // [B (U + 1), F]
    const logits = tf.reshape<tf.Rank.R3>(outputLogits(weights, dropout(rows)), [batch, count, -1]);
    return { logits, ...told };
  });
}

function assertUnrollInputs({ entries, bias, targets, scheduledSampling = 0, random, stops }: UnrollInputs): void {
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
  if (stops === 'hard' && random !== undefined) {
    throw new HearkenError(
      'option/out-of-range',
      'Expected `stops` to be "expected" where `random` draws for training, got "hard", which has no gradient to learn from',
    );
  }
}

/** The state before the first step, by the names of `decoderStates`, but for what the mechanism keeps. */
export function startState(
  weights: Weights,
  config: DecoderConfig,
  { entries, final }: { readonly entries: tf.Tensor3D; readonly final?: tf.Tensor2D | undefined },
): Record<string, tf.Tensor> {
  const [batch] = entries.shape;
  if (config.firstState === 'encoder' && final === undefined) {
    throw new HearkenError('option/out-of-range', 'Expected `final`, the encoder’s last state, got none');
  }
  if (final !== undefined) assertShape('final', final, [batch, null]);
  const zeros = tf.zeros<tf.Rank.R2>([batch, config.units]);
  return {
    'state.hidden': zeros,
    'state.cell': zeros,
    'state.attentional': zeros,
    ...(final === undefined ? {} : decodeStart(weights, config, final)),
  };
}

/** The start symbol, then the targets, `[B, U + 1]`. */
function fedTokens(targets: tf.Tensor2D): tf.Tensor2D {
  return tf.concat<tf.Tensor2D>([tf.zeros([targets.shape[0], 1], 'int32'), targets], 1);
}

/** Takes a step from `state`; `features` are the step before's. */
type Advance = (step: number, state: DecoderState, features: tf.Tensor2D | undefined) => DecoderStepOutput;

type Attention = Pick<StepInputs, 'mechanism' | 'memory'>;

/** What all steps give. S is U + 1. */
type Steps = {
  /** `[B, S, F]` */ readonly features: tf.Tensor3D;
  /** `[B, S, E]` */ readonly alignment: tf.Tensor3D;
  /** `[B, S, E]` */ readonly stops?: tf.Tensor3D;
  readonly choices?: Choices;
};

function stepByStep(advance: Advance, first: DecoderState, count: number): Steps {
  let state = first;
  const features: tf.Tensor2D[] = [];
  const alignments: tf.Tensor2D[] = [];
  const stopped: tf.Tensor2D[] = [];
  const drawn: DecoderState[] = [];
  for (let step = 0; step < count; step++) {
    const advanced = advance(step, state, features.at(-1));
    features.push(advanced.features);
    alignments.push(advanced.alignment);
    ({ state } = advanced);
    if ('state.logProbability' in state) drawn.push(state);
    if ('state.ahead' in state) stopped.push(stopsBefore(tensor2(state, 'state.ahead')));
  }
  return {
    features: ofRank3(tf.stack(features, 1)),
    alignment: ofRank3(tf.stack(alignments, 1)),
    ...(stopped.length > 0 && { stops: ofRank3(tf.stack(stopped, 1)) }),
    ...(drawn.length > 0 && {
      choices: { logProbability: ofEachStep(drawn, 'logProbability'), entropy: ofEachStep(drawn, 'entropy') },
    }),
  };
}

/** What each step added to a sum that the mechanism keeps, `[B, 1]` in every state: `[B, S]`. */
function ofEachStep(states: readonly DecoderState[], name: keyof Choices): tf.Tensor2D {
  const sums = tf.concat<tf.Tensor2D>(
    states.map((state) => tensor2(state, `state.${name}`)),
    1,
  );
  const [batch, count] = sums.shape;
  return tf.sub(sums, tf.concat([tf.zeros([batch, 1]), tf.slice(sums, [0, 0], [batch, count - 1])], 1));
}

/** Every step waits for the one before it. */
function stepwise(weights: Weights, config: DecoderConfig, attention: Attention, feed: Feed): Advance {
  return (step, state, features) => decoderStep(weights, config, { ...attention, token: feed(step, features), state });
}

/** Numbers of values, B S E D, up to which all steps attend at once: each has a copy of them. */
const MOST_COPIED = 2 ** 25;

/**
 * Where the unit takes in nothing but tokens, it runs over all of them at once; and where a query needs nothing of the one before it, all
 * steps attend at once, unless that is too much to hold.
 */
function afterRecurrence(embedding: Embedding, attention: Attention, tokens: tf.Tensor2D, first: DecoderState): Steps {
  const { weights, dropout } = embedding;
  const [batch, count] = tokens.shape;
  const rows = dropout(embeddedTokens(weights, flat(tokens)));
  const embedded = tf.reshape<tf.Rank.R3>(rows, [batch, count, -1]);
  const hidden = recurOverTokens(weights, embedded, first); // [B, S, H]
  const [, entryCount, depth] = attention.memory.values.shape;
  const isLarge = batch * count * entryCount * depth > MOST_COPIED;
  if (isLarge || Object.keys(attention.mechanism.states).length > 0) {
    const bySteps = tf.unstack(hidden, 1);
    const advance: Advance = (step, state) =>
      attendAfterwards(weights, { ...attention, state }, ofRank2(tensorAt(bySteps, step)));
    return stepByStep(advance, first, count);
  }
  const queries = tf.reshape<tf.Rank.R2>(hidden, [batch * count, hidden.shape[2]]);
  const all = attendAfterwards(weights, { ...forEachStep(attention, count), state: {} }, queries);
  return {
    features: tf.reshape(all.features, [batch, count, -1]),
    alignment: tf.reshape(all.alignment, [batch, count, -1]),
  };
}

/** A memory of B rows as one of B S rows: each row S times. */
function forEachStep({ mechanism, memory }: Attention, count: number): Attention {
  const repeated = <T extends tf.Tensor>(tensor: T): T => {
    const [batch = 0, ...rest] = tensor.shape;
    const ones = tf.ones([1, count, ...rest.map(() => 1)]);
    const copies = tf.mul(tf.expandDims(tensor, 1), ones); // a product, whose gradient is one sum
    return tf.reshape(copies, [batch * count, ...rest]) as T; // has T's rank
  };
  const { values, keys, bias } = memory;
  return { mechanism, memory: { values: repeated(values), keys: repeated(keys), bias: repeated(bias) } };
}

type Embedding = { readonly weights: Weights; readonly config: DecoderConfig; readonly dropout: Dropout };

/** Gives the recurrent unit's share of the token before a step, `[B, G H]`; `features` are the step before's. */
type Feed = (step: number, features: tf.Tensor2D | undefined) => tf.Tensor2D;

/** Every step is fed the target before it: all of them are embedded at once. */
function teacherForcedFeed(embedding: Embedding, tokens: tf.Tensor2D): Feed {
  const projected = projectedTokens(embedding, flat(tokens));
  const byStep = tf.unstack(tf.reshape(projected, [...tokens.shape, -1]), 1);
  return (step) => ofRank2(tensorAt(byStep, step)); // [B, G H]
}

/** Each row of a step is fed the decoder's own best label where `isSampled()`, else the target before it. */
function scheduledFeed(embedding: Embedding, tokens: tf.Tensor2D, isSampled: () => boolean): Feed {
  const [batch] = tokens.shape;
  const byStep = tf.unstack(tokens, 1);
  return (step, features) => {
    const target = ofRank1(tensorAt(byStep, step)); // [B]
    if (features === undefined) return projectedTokens(embedding, target);
    const sampled = tf.tensor1d(Array.from({ length: batch }, isSampled), 'bool');
    const own = tf.argMax<tf.Tensor1D>(outputLogits(embedding.weights, features), 1);
    return projectedTokens(embedding, tf.where(sampled, own, target));
  };
}

/** Tokens `[N]` to what the recurrent unit takes in of them, `[N, G H]`. */
function projectedTokens({ weights, config, dropout }: Embedding, tokens: tf.Tensor1D): tf.Tensor2D {
  return projectTokens(weights, config, dropout(embeddedTokens(weights, tokens)));
}

function embeddedTokens(weights: Weights, tokens: tf.Tensor1D): tf.Tensor2D {
  return embedRows(tensor2(weights, 'decoder.embedding'), tokens);
}

function flat(tokens: tf.Tensor2D): tf.Tensor1D {
  return tf.reshape(tokens, [-1]);
}
