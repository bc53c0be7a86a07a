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
import { modelConfigOf, recognizerConfigOf } from '../model/config-migration.ts';
import { forward, type ForwardOutputs } from '../model/forward.ts';
import { decoderOf } from '../model/heads.ts';
import type { SpeechConfig } from '../model/speech-config.ts';
import { countErrors, errorsIn, sumErrors, type ErrorCounts } from '../text/error-rate.ts';
import { headLosses, padded } from './head-losses.ts';
import type { SpeechTraining } from './recipe.ts';
import { specAugment } from './spec-augment.ts';
import type { SpeechBatch } from './speech-batches.ts';
import type { Loss, StepContext } from './task.ts';

/** `ctcWeight` times CTC a label plus the rest times the decoder's cross-entropy a label; CTC alone where there is no decoder. */
export function speechLoss(
  weights: Weights,
  config: ModelConfig | SpeechConfig,
  training: SpeechTraining,
  batch: SpeechBatch,
  { random }: StepContext,
): Loss {
  const model = modelConfigOf(config);
  const { encoder, features } = recognizerConfigOf(model);
  const [size, length] = batch.shape;
  const frameShape = [size, length * encoder.frameStack, features.bandCount] as const;
  const masked = specAugment(batch.frames, frameShape, training.specAugment, random);
  const dropout = seededDropout(training.dropout, random);
  const { outputs, lengths } = hear(weights, model, batch, masked, dropout);
  const { labelSmoothing, scheduledSampling, ctcWeight } = training;
  const truth = { spelled: batch.labels, written: lastUtterances(batch), labels: [], numbers: [] };
  const options = { labelSmoothing, scheduledSampling, dropout, random };
  const { ctc, attention } = headLosses(weights, model, outputs, lengths, truth, options);
  const spelled = ctc!; // every recogniser has it
  if (attention === undefined) return { total: spelled, parts: {} };
  const total = tf.add<tf.Scalar>(tf.mul(spelled, ctcWeight), tf.mul(attention, 1 - ctcWeight));
  return { total, parts: { ctc: spelled, attention } };
}

/** What a recogniser makes of `frames`, those of the batch or what stands for them: each row as a stream of its own from its start. */
function hear(
  weights: Weights,
  model: ModelConfig,
  { shape, utterances }: SpeechBatch,
  frames: Float32Array,
  dropout: Dropout,
): { readonly outputs: ForwardOutputs; readonly lengths: readonly number[] } {
  const lengths = Array.from({ length: shape[0] }, () => shape[1]);
  const starts = utterances.map(({ start }) => start);
  const inputs = tf.tensor3d(frames, [...shape]);
  return { outputs: forward(weights, model, { inputs, lengths, starts }, dropout), lengths };
}

/** Label errors of CTC's best path on held-out utterances, and how well the decoder, where there is one, predicts the next label. */
export async function validateSpeech(
  weights: Weights,
  config: ModelConfig | SpeechConfig,
  batches: readonly SpeechBatch[],
): Promise<{ error: number; decoderError?: number }> {
  const model = modelConfigOf(config);
  const counts: ErrorCounts[] = [];
  let predicted = 0;
  let wrong = 0;
  for (const batch of batches) {
    const { logits, best } = tf.tidy(() => validationScores(weights, model, batch));
    const rows = await logits.data<'float32'>();
    const width = logits.shape[2]!;
    const size = rows.length / batch.labels.length;
    for (const [index, labels] of batch.labels.entries()) {
      const path = decodeGreedily({ data: rows.subarray(index * size, (index + 1) * size), width });
      counts.push(countErrors([...labels].map(String), path.labels.map(String)));
    }
    if (best !== undefined) {
      const labels = await best.data<'int32'>();
      const steps = best.shape[1]!;
      for (const [index, utterance] of lastUtterances(batch).entries()) {
        for (let step = 0; step <= utterance.length; step++) {
          predicted++;
          if (labels[index * steps + step] !== (utterance[step] ?? 0)) wrong++;
        }
      }
    }
    tf.dispose(best === undefined ? [logits] : [logits, best]);
  }
  const total = sumErrors(counts);
  const error = errorsIn(total) / Math.max(1, total.words);
  return model.heads.decoder === undefined ? { error } : { error, decoderError: wrong / Math.max(1, predicted) };
}

/** CTC log-probabilities `[B, T, L + 1]`, and the decoder's best label after each true prefix, `[B, U + 1]`. */
function validationScores(
  weights: Weights,
  model: ModelConfig,
  batch: SpeechBatch,
): { logits: tf.Tensor; best?: tf.Tensor } {
  const { reads, vectors, entries, bias, final } = hear(weights, model, batch, batch.frames, noDropout).outputs;
  const logits = tf.logSoftmax(ctcLogits(weights, reads ?? vectors));
  const { decoder } = model.heads;
  if (decoder === undefined) return { logits };
  const targets = padded(lastUtterances(batch));
  const unrolled = unrollDecoder(weights, decoderOf(decoder), { entries, bias, final, targets });
  return { logits, best: tf.argMax(unrolled.logits, -1) };
}

/** Labels of the utterances that the decoder writes. */
function lastUtterances({ labels, utterances }: SpeechBatch): Int32Array[] {
  return labels.map((row, index) => row.subarray(utterances[index]?.firstLabel ?? 0));
}
