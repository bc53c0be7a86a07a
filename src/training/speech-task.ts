/**
 * Training a recogniser: joint CTC and attention over batches of utterances.
 *
 * Reference: Kim, Hori and Watanabe, 2017, eq. 13, https://arxiv.org/abs/1609.06773
 */
import * as tf from '@tensorflow/tfjs-core';

import { unrollDecoder } from '../decoder/unroll.ts';
import { seededDropout } from '../encoder/dropout.ts';
import type { Weights } from '../cell/cell.ts';
import type { SpeechConfig } from '../model/speech-config.ts';
import { recognizeUtterances } from '../model/recognizer.ts';
import { decodeGreedily } from '../ctc/greedy.ts';
import { countErrors, errorsIn, sumErrors, type ErrorCounts } from '../text/error-rate.ts';
import { smoothedCrossEntropy } from './cross-entropy.ts';
import { ctcLoss } from '../ctc/loss.ts';
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
  const [size, length, depth] = batch.shape;
  const { bandCount } = config.features;
  const frameCount = length * config.encoder.frameStack;
  const masked = specAugment(batch.frames, [size, frameCount, bandCount], training.specAugment, random);
  const dropout = seededDropout(training.dropout, random);
  const { logits, entries, bias } = recognizeUtterances(weights, config, tf.tensor3d(masked, [size, length, depth]), {
    starts: batch.utterances.map(({ start }) => start),
    dropout,
  });
  const lengths = batch.labels.map(({ length: count }) => Math.max(1, count));
  const rows = ctcLoss(
    logits,
    batch.labels,
    Array.from({ length: size }, () => length),
  );
  const ctc = tf.mean<tf.Scalar>(tf.div(rows, tf.tensor1d(lengths)));
  const targets = padded(lastUtterances(batch));
  const unrolled = unrollDecoder(weights, config.decoder, {
    entries,
    bias,
    targets,
    scheduledSampling: training.scheduledSampling,
    random,
  });
  const attention = smoothedCrossEntropy(unrolled.logits, targets, training.labelSmoothing);
  const total = tf.add<tf.Scalar>(tf.mul(ctc, training.ctcWeight), tf.mul(attention, 1 - training.ctcWeight));
  return { total, parts: { ctc, attention } };
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
  const { logits, entries, bias } = recognizeUtterances(weights, config, tf.tensor3d(batch.frames, [...batch.shape]), {
    starts: batch.utterances.map(({ start }) => start),
  });
  const unrolled = unrollDecoder(weights, config.decoder, {
    entries,
    bias,
    targets: padded(lastUtterances(batch)),
  });
  return [tf.logSoftmax(logits), tf.argMax(unrolled.logits, -1)];
}

/** Labels of the utterances that the decoder writes. */
function lastUtterances({ labels, utterances }: SpeechBatch): Int32Array[] {
  return labels.map((row, index) => row.subarray(utterances[index]?.firstLabel ?? 0));
}

/** Label ids `[B, U]`, each row ended by zeros. */
function padded(labels: readonly Int32Array[]): tf.Tensor2D {
  const longest = Math.max(1, ...labels.map(({ length }) => length));
  const ids = new Int32Array(labels.length * longest);
  for (const [row, each] of labels.entries()) ids.set(each, row * longest);
  return tf.tensor2d(ids, [labels.length, longest], 'int32');
}
