/**
 * Training a recogniser: joint CTC and attention over batches of utterances.
 *
 * Reference: Kim, Hori and Watanabe, 2017, eq. 13, https://arxiv.org/abs/1609.06773
 */
import * as tf from '@tensorflow/tfjs-core';

import { unrollDecoder } from '../decoder/unroll.ts';
import { type Dropout, noDropout, seededDropout } from '../encoder/dropout.ts';
import type { Weights } from '../cell/cell.ts';
import { ctcLogits } from '../ctc/head.ts';
import { decodeGreedily } from '../ctc/greedy.ts';
import type { ModelConfig } from '../model/config.ts';
import { modelConfigOfSpeech } from '../model/config-migration.ts';
import { forward, type ForwardOutputs } from '../model/forward.ts';
import type { SpeechConfig } from '../model/speech-config.ts';
import { countErrors, errorsIn, sumErrors, type ErrorCounts } from '../text/error-rate.ts';
import { headLosses, padded } from './head-losses.ts';
import type { SpeechTraining } from './recipe.ts';
import { specAugment } from './spec-augment.ts';
import type { SpeechBatch } from './speech-batches.ts';
import type { Loss, StepContext } from './task.ts';

/** `ctcWeight` times CTC a label plus the rest times the decoder's cross-entropy a label. */
export function speechLoss(
  weights: Weights,
  config: SpeechConfig,
  training: SpeechTraining,
  batch: SpeechBatch,
  { random }: StepContext,
): Loss {
  const [size, length] = batch.shape;
  const frameShape = [size, length * config.encoder.frameStack, config.features.bandCount] as const;
  const masked = specAugment(batch.frames, frameShape, training.specAugment, random);
  const dropout = seededDropout(training.dropout, random);
  const { model, outputs, lengths } = hear(weights, config, batch, masked, dropout);
  const { labelSmoothing, scheduledSampling, ctcWeight } = training;
  const truth = { spelled: batch.labels, written: lastUtterances(batch), labels: [], numbers: [] };
  const options = { labelSmoothing, scheduledSampling, dropout, random };
  const { ctc, attention } = headLosses(weights, model, outputs, lengths, truth, options);
  const [spelled, written] = [ctc!, attention!]; // a recogniser has both heads
  const total = tf.add<tf.Scalar>(tf.mul(spelled, ctcWeight), tf.mul(written, 1 - ctcWeight));
  return { total, parts: { ctc: spelled, attention: written } };
}

/** What a recogniser makes of `frames`, those of the batch or what stands for them: each row as a stream of its own from its start. */
function hear(
  weights: Weights,
  config: SpeechConfig,
  { shape, utterances }: SpeechBatch,
  frames: Float32Array,
  dropout: Dropout,
): { readonly model: ModelConfig; readonly outputs: ForwardOutputs; readonly lengths: readonly number[] } {
  const model = modelConfigOfSpeech(config);
  const lengths = Array.from({ length: shape[0] }, () => shape[1]);
  const starts = utterances.map(({ start }) => start);
  const inputs = tf.tensor3d(frames, [...shape]);
  return { model, outputs: forward(weights, model, { inputs, lengths, starts }, dropout), lengths };
}

/** Label errors of CTC's best path on held-out utterances, and how well the decoder predicts the next label. */
export async function validateSpeech(
  weights: Weights,
  config: SpeechConfig,
  batches: readonly SpeechBatch[],
): Promise<{ error: number; decoderError: number }> {
  const counts: ErrorCounts[] = [];
  let predicted = 0;
  let wrong = 0;
  for (const batch of batches) {
    const [logits, scores] = tf.tidy(() => validationScores(weights, config, batch));
    const [rows, best] = [await logits.data<'float32'>(), await scores.data<'int32'>()];
    const width = logits.shape[2]!;
    const steps = scores.shape[1]!;
    tf.dispose([logits, scores]);
    const size = rows.length / batch.labels.length;
    const utterances = lastUtterances(batch);
    for (const [index, labels] of batch.labels.entries()) {
      const path = decodeGreedily({ data: rows.subarray(index * size, (index + 1) * size), width });
      counts.push(countErrors([...labels].map(String), path.labels.map(String)));
      const utterance = utterances[index] ?? labels;
      for (let step = 0; step <= utterance.length; step++) {
        predicted++;
        if (best[index * steps + step] !== (utterance[step] ?? 0)) wrong++;
      }
    }
  }
  const total = sumErrors(counts);
  return { error: errorsIn(total) / Math.max(1, total.words), decoderError: wrong / Math.max(1, predicted) };
}

/** CTC log-probabilities `[B, T, L + 1]`, and the decoder's best label after each true prefix, `[B, U + 1]`. */
function validationScores(weights: Weights, config: SpeechConfig, batch: SpeechBatch): [tf.Tensor, tf.Tensor] {
  const { outputs } = hear(weights, config, batch, batch.frames, noDropout);
  const { reads, vectors, entries, bias, final } = outputs;
  const logits = ctcLogits(weights, reads ?? vectors);
  const targets = padded(lastUtterances(batch));
  const unrolled = unrollDecoder(weights, config.decoder, { entries, bias, final, targets });
  return [tf.logSoftmax(logits), tf.argMax(unrolled.logits, -1)];
}

/** Labels of the utterances that the decoder writes. */
function lastUtterances({ labels, utterances }: SpeechBatch): Int32Array[] {
  return labels.map((row, index) => row.subarray(utterances[index]?.firstLabel ?? 0));
}
