/**
 * A model of exchangeable parts over whole sequences, for training: source, encoder, memory. Heads stand on what this gives.
 *
 * Shapes: B sequences, T vectors of the longest, F stacked frames flattened or numbers, D depth of a vector, E entries, A tokens of the alphabet.
 */
import * as tf from '@tensorflow/tfjs-core';

import type { Weights } from '../cell/cell.ts';
import { tensor2 } from '../cell/typed-tensors.ts';
import { initCtcHead } from '../ctc/head.ts';
import { type DecoderSizes, initDecoder } from '../decoder/decoder.ts';
import { type Dropout, noDropout } from '../encoder/dropout.ts';
import type { EncoderConfig } from '../encoder/config.ts';
import { embed } from '../encoder/embedding.ts';
import { encode, encoderStart, initEncoder } from '../encoder/encoder.ts';
import { partCount } from '../encoder/grid-size.ts';
import { initMemoryKind, type Remembered, remember } from '../memory/parallel-kinds.ts';
import type { HostArray } from '../tensor/host-array.ts';
import { normalArray, type Random } from '../tensor/random.ts';
import { labelCountOf, type ModelConfig, modelDepth } from './config.ts';
import { initAnswers, initEndHead } from './head-layers.ts';
import { decoderOf, readsMemory } from './heads.ts';
import { alphabetSize, sourceDepth } from './source.ts';

export type SequenceInputs = {
  /** `[B, T]` of int32, ids; or `[B, T, F]`, frames, numbers or rows of pixels. Rows are padded with anything. */ readonly inputs:
    | tf.Tensor2D
    | tf.Tensor3D;
  /** Inputs of each row, 1 to T; of an image its rows of pixels. */ readonly lengths: readonly number[];
  /** The first vector of each row that its decoder may see; 0 unless told. */ readonly starts?: readonly number[];
  /** The first vector at which an `answers` head is asked, where it is asked before the end. */ readonly readsFrom?:
    | number
    | undefined;
};

export type ForwardOutputs = Remembered & {
  /** `[B, T, D]` */ readonly vectors: tf.Tensor3D;
  /** `[B, D]`: the encoder's last state, both ways side by side; of a causal one the newest vector. */ readonly final: tf.Tensor2D;
  /** `[B, T]`, of encoder `surprise`: what its prediction missed. */ readonly surprise?: tf.Tensor2D;
};

/** Encodes sequences, each from its beginning, and remembers them. `dropout` is the encoder's. */
export function forward(
  weights: Weights,
  config: ModelConfig,
  { inputs, lengths, starts, readsFrom }: SequenceInputs,
  dropout: Dropout = noDropout,
): ForwardOutputs {
  const embedded = sourceVectors(weights, inputs);
  const [batch, , depth] = embedded.shape;
  const states = encoderStart(config.encoder, depth, batch);
  const encoded = encode(weights, config.encoder, embedded, states, dropout, lengths);
  const { vectors } = encoded;
  const held = vectorCounts(config.encoder, lengths);
  const final = encoded.final ?? newestOf(vectors, held);
  return {
    vectors,
    final,
    ...(encoded.surprise === undefined ? {} : { surprise: encoded.surprise }),
    ...remember(weights, config.memory, { vectors, final, lengths: held, starts }, readsEach(config) ? 0 : readsFrom),
  };
}

/** Frames and numbers as they are, ids `[B, T]` as `[B, T, X]`. */
export function sourceVectors(weights: Weights, inputs: tf.Tensor2D | tf.Tensor3D): tf.Tensor3D {
  if (inputs.rank === 3) return inputs as tf.Tensor3D; // its rank was asked
  return embed(tensor2(weights, 'source.embedding'), inputs as tf.Tensor2D); // it has two or three axes
}

/** Vectors of each row: as many as its inputs, and of an image the parts of its grid. */
function vectorCounts(encoder: EncoderConfig, lengths: readonly number[]): readonly number[] {
  return encoder.kind === 'grid' ? lengths.map(() => partCount(encoder)) : lengths;
}

/** The newest vector of each row: `[B, T, D]` to `[B, D]`. */
function newestOf(vectors: tf.Tensor3D, lengths: readonly number[]): tf.Tensor2D {
  const [batch, length, depth] = vectors.shape;
  const flat = tf.reshape<tf.Rank.R2>(vectors, [batch * length, depth]);
  const rows = lengths.map((count, row) => row * length + count - 1);
  return tf.gather(flat, tf.tensor1d(rows, 'int32'));
}

/** Whether a head reads at every vector. */
function readsEach({ heads: { ctc } }: ModelConfig): boolean {
  return ctc !== undefined;
}

/** First weights of every part, by checkpoint name. */
export function initModel(config: ModelConfig, random: Random): Record<string, HostArray> {
  const { source, encoder, memory, heads } = config;
  const depth = modelDepth(config);
  const { ctc, phones, decoder, answers, classifier, regression } = heads;
  return {
    ...(source.kind === 'tokens'
      ? { 'source.embedding': normalArray(random, [alphabetSize(source), source.embedding], 1) }
      : {}),
    ...initEncoder(encoder, sourceDepth(source), random),
    ...initMemoryKind(memory, depth, readsMemory(heads), random),
    ...(ctc === undefined ? {} : initCtcHead(depth, labelCountOf(config, 'ctc'), random)),
    ...(decoder === undefined ? {} : initDecoder(decoderOf(decoder), decoderSizes(config), random)),
    ...(answers === undefined ? {} : initAnswers(depth, answers.labelCount, tiedEmbedding(config), random)),
    ...(classifier === undefined ? {} : initEndHead('classifier', depth, classifier.labels.length, random)),
    ...(regression === undefined ? {} : initEndHead('regression', depth, regression.outputs, random)),
    ...(phones === undefined ? {} : initCtcHead(depth, phones.symbols.length, random, 'phones')),
  };
}

/** X, where labels of `answers` are tied to symbols of the source. */
function tiedEmbedding({ source, heads: { answers } }: ModelConfig): number | undefined {
  return source.kind === 'tokens' && answers?.tied === true ? source.embedding : undefined;
}

function decoderSizes(config: ModelConfig): DecoderSizes & { readonly finalDepth: number } {
  const depth = modelDepth(config);
  return { depth, labelCount: labelCountOf(config, 'decoder'), finalDepth: depth };
}
