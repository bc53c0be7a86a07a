/**
 * The whole recogniser over whole utterances, for training: encoder, memory read at every vector, CTC head, and the
 * attention decoder over the memory's entries at the end.
 *
 * Shapes: B utterances, T vectors, F stacked frames flattened, D units, E entries, U labels, L labels of the vocabulary.
 */
import * as tf from '@tensorflow/tfjs-core';

import { type Dropout, noDropout } from '../encoder/dropout.ts';
import { encode, encoderStates } from '../encoder/encoder.ts';
import { entriesAt } from '../memory/parallel.ts';
import { readParallel } from '../memory/parallel.ts';
import type { HostArray } from '../tensor/host-array.ts';
import type { Random } from '../tensor/random.ts';
import type { Weights } from '../cell/cell.ts';
import { modelConfigOfSpeech } from './config-migration.ts';
import { initModel } from './forward.ts';
import type { SpeechConfig } from './speech-config.ts';
import { ctcLogits } from '../ctc/head.ts';

export type RecognizerOutputs = {
  /** `[B, T, L + 1]`: CTC scores at every vector. */ readonly logits: tf.Tensor3D;
  /** `[B, E, D]`: what the decoder attends to once all T vectors are in, oldest first. */ readonly entries: tf.Tensor3D;
  /** `[B, E]`: the log-mass of each entry where the memory weighs by mass; -1e9 on those of the time before the utterance. */
  readonly bias: tf.Tensor2D;
};

export type RecognizerPassOptions = {
  /** `[B]`: the first vector of each row's last utterance, which the decoder writes; 0 unless told. */
  readonly starts?: readonly number[];
  readonly dropout?: Dropout;
};

/** Encodes `frames`, `[B, T, F]`, each row as a stream of its own from its start. */
export function recognizeUtterances(
  weights: Weights,
  config: SpeechConfig,
  frames: tf.Tensor3D,
  { starts, dropout = noDropout }: RecognizerPassOptions = {},
): RecognizerOutputs {
  return tf.tidy(() => {
    const [batch, length, depth] = frames.shape;
    const states = Object.fromEntries(
      Object.entries(encoderStates(config.encoder, depth)).map(([name, { shape }]) => [
        name,
        tf.zeros(shape.map((axis) => (typeof axis === 'number' ? axis : batch))),
      ]),
    );
    const { vectors } = encode(weights, config.encoder, frames, states, dropout);
    const { outputs, levels } = readParallel(weights, config.memory, vectors);
    const { entries, bias } = entriesAt(
      config.memory,
      levels,
      Array.from({ length: batch }, () => length),
      starts,
    );
    return { logits: ctcLogits(weights, dropout(outputs)), entries, bias };
  });
}

/** First weights of every part, by checkpoint name. */
export function initRecognizer(config: SpeechConfig, random: Random): Record<string, HostArray> {
  return initModel(modelConfigOfSpeech(config), random);
}
