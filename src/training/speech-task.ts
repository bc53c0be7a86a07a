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
import { headLosses, isKnown, type Known, knownMemory, knownOf, padded } from './head-losses.ts';
import type { SpeechTraining } from './recipe.ts';
import { specAugment } from './spec-augment.ts';
import type { SpeechBatch } from './speech-batches.ts';
import type { Loss, StepContext } from './task.ts';

/**
 * `ctcWeight` times CTC a label plus the rest times the decoder's cross-entropy a label; CTC alone where there is no decoder. With a head of
 * phones, `phonesWeight` times its CTC a phone plus the rest times that; a head learns of those rows whose truth it is given.
 */
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
  const { labelSmoothing, scheduledSampling, ctcWeight, phonesWeight = 0.5 } = training;
  const written = lastUtterances(batch);
  const truth = { spelled: batch.labels, written, phones: batch.phones, labels: [], numbers: [] };
  const options = { labelSmoothing, scheduledSampling, dropout, random };
  const parts = headLosses(weights, model, outputs, lengths, truth, options);
  const { ctc, attention, phones } = parts;
  const ofLabels = ctc === undefined ? [] : [attention === undefined ? ctc : mixed(ctc, attention, ctcWeight)];
  const ofPhones = phones === undefined ? [] : [tf.mul<tf.Scalar>(phones, phonesWeight)];
  const ofAll =
    model.heads.phones === undefined ? ofLabels : ofLabels.map((loss) => tf.mul<tf.Scalar>(loss, 1 - phonesWeight));
  const total = tf.addN<tf.Scalar>([...ofAll, ...ofPhones]);
  return { total, parts: Object.keys(parts).length > 1 || phones !== undefined ? parts : {} };
}

/** `share` of one loss and the rest of another. */
function mixed(one: tf.Scalar, other: tf.Scalar, share: number): tf.Scalar {
  return tf.add<tf.Scalar>(tf.mul(one, share), tf.mul(other, 1 - share));
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

/**
 * Label errors of CTC's best path on held-out utterances, how well the decoder, where there is one, predicts the next label, and phone errors
 * of the head of phones, where there is one; each of those utterances whose truth is known.
 */
export async function validateSpeech(
  weights: Weights,
  config: ModelConfig | SpeechConfig,
  batches: readonly SpeechBatch[],
): Promise<{ error: number; decoderError?: number; phoneError?: number }> {
  const model = modelConfigOf(config);
  const counts: ErrorCounts[] = [];
  const phoneCounts: ErrorCounts[] = [];
  let predicted = 0;
  let wrong = 0;
  for (const batch of batches) {
    const { logits, phones, best } = tf.tidy(() => validationScores(weights, model, batch));
    counts.push(...(await spellingErrors(logits, batch.labels)));
    if (phones !== undefined) phoneCounts.push(...(await spellingErrors(phones, batch.phones ?? [])));
    if (best !== undefined) {
      const labels = await best.data<'int32'>();
      const steps = best.shape[1]!;
      for (const [index, utterance] of knownOf(lastUtterances(batch)).entries()) {
        for (let step = 0; step <= utterance.length; step++) {
          predicted++;
          if (labels[index * steps + step] !== (utterance[step] ?? 0)) wrong++;
        }
      }
    }
    tf.dispose([logits, phones, best].filter((tensor) => tensor !== undefined));
  }
  return {
    error: rateOf(counts),
    ...(model.heads.decoder === undefined ? {} : { decoderError: wrong / Math.max(1, predicted) }),
    ...(model.heads.phones === undefined ? {} : { phoneError: rateOf(phoneCounts) }),
  };
}

function rateOf(counts: readonly ErrorCounts[]): number {
  const total = sumErrors(counts);
  return errorsIn(total) / Math.max(1, total.words);
}

/** Errors of the best path of each row of `logits`, `[B, T, L + 1]`, whose truth is known. */
async function spellingErrors(logits: tf.Tensor, truth: Known): Promise<ErrorCounts[]> {
  const rows = await logits.data<'float32'>();
  const [batch = 1, , width = 1] = logits.shape;
  const size = rows.length / batch;
  return truth.flatMap((labels, index) => {
    if (labels === undefined) return [];
    const path = decodeGreedily({ data: rows.subarray(index * size, (index + 1) * size), width });
    return [countErrors([...labels].map(String), path.labels.map(String))];
  });
}

/**
 * Log-probabilities of labels and of phones, `[B, T, L + 1]`, and the decoder's best label after each true prefix of the rows whose labels
 * are known, `[K, U + 1]`.
 */
function validationScores(
  weights: Weights,
  model: ModelConfig,
  batch: SpeechBatch,
): { logits: tf.Tensor; phones?: tf.Tensor; best?: tf.Tensor } {
  const { outputs } = hear(weights, model, batch, batch.frames, noDropout);
  const heard = outputs.reads ?? outputs.vectors;
  const { decoder, phones } = model.heads;
  const spelled = {
    logits: tf.logSoftmax(ctcLogits(weights, heard)),
    ...(phones === undefined ? {} : { phones: tf.logSoftmax(ctcLogits(weights, heard, 'phones')) }),
  };
  const written = lastUtterances(batch);
  if (decoder === undefined || !isKnown(written)) return spelled;
  const given = { ...knownMemory(outputs, written), targets: padded(knownOf(written)) };
  return { ...spelled, best: tf.argMax(unrollDecoder(weights, decoderOf(decoder), given).logits, -1) };
}

/** Labels of the utterances that the decoder writes, where they are known. */
function lastUtterances({ labels, utterances }: SpeechBatch): (Int32Array | undefined)[] {
  return labels.map((row, index) => row?.subarray(utterances[index]?.firstLabel ?? 0));
}
