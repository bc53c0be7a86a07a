/**
 * From recordings with their truth to the batches that the speech task trains on: log-mel frames, normalised as a
 * stream would see them, grouped by length so that nothing is padded with frames that were never heard.
 */
import { logMel } from '../audio/log-mel.ts';
import { createRunningMean, type RunningMeanState } from '../audio/running-mean.ts';
import type { RecognizerConfig } from '../model/speech-config.ts';
import type { Random } from '../tensor/random.ts';
import { labelIds } from '../text/vocabulary.ts';
import type { AudioExample } from './examples.ts';
import { shuffled } from './shuffled.ts';

/** Utterances of equal length. B utterances, T vectors, F stacked frames flattened. */
export type SpeechBatch = {
  /** Normalised log-mel frames `[B, T, F]`, row-major. */ readonly frames: Float32Array;
  /** Shape `[B, T, F]` of the frames. */ readonly shape: readonly [number, number, number];
  /** Label ids of each row, counted from 1, of all that is said in it. */ readonly labels: readonly Int32Array[];
  /** The last utterance of each row, which is the one that the decoder writes. */
  readonly utterances: readonly UtteranceInRow[];
};

/** Where the last utterance of a row begins: 0 and 0 where nothing was said before it. */
export type UtteranceInRow = {
  /** Index of its first label. */ readonly firstLabel: number;
  /** Index of its first vector. */ readonly start: number;
};

type Row = UtteranceInRow & { readonly frames: Float32Array; readonly labels: Int32Array };

export type BatchOptions = {
  /** The most utterances in a batch. */ readonly batchSize: number;
  /** The most frames (of 10 ms or so) in a batch: long utterances come in smaller batches. */
  readonly batchFrames: number;
};

/** Normalised frames of one recording, cut to whole vectors: `[T, F]`. With `random`, some streams have begun earlier. */
export function speechFrames(
  { features, encoder }: RecognizerConfig,
  example: AudioExample,
  random?: Random,
): Float32Array {
  const { bandCount: bands, sampleRate, hopLength } = features;
  const mels = logMel(features, example.samples, { warp: example.warp });
  const normalize = createRunningMean({ bands, frameRate: sampleRate / hopLength, ...features.normalization });
  if (random !== undefined) normalize.restore(precedingMean(mels, bands, random));
  const frames = normalize.push(mels);
  const depth = bands * encoder.frameStack;
  return frames.subarray(0, Math.floor(frames.length / depth) * depth);
}

/**
 * The running mean of a stream that this recording is not the beginning of: what came before was nothing (2 of 5), its
 * background (its first frames, for at least a second) or speech like it (its own mean). In a long stream words mostly
 * follow silence or other words; trained on beginnings alone, the model would never have seen that.
 */
function precedingMean(mels: Float32Array, bands: number, random: Random): RunningMeanState {
  const frameCount = mels.length / bands;
  const draw = random.uniform();
  if (draw < 0.4) return { frameCount: 0, mean: new Float32Array(bands) };
  const used = draw < 0.7 ? Math.min(4, frameCount) : frameCount;
  const mean = new Float32Array(bands);
  for (let at = 0; at < used * bands; at++) mean[at % bands] = mean[at % bands]! + mels[at]! / used;
  return { frameCount: 100, mean };
}

/**
 * Groups `examples` by length into batches, in an order drawn from `random`; examples too short for their labels go.
 * For training, streams begin earlier than some of the recordings.
 */
export function speechBatches(
  examples: readonly AudioExample[],
  config: RecognizerConfig,
  { batchSize, batchFrames }: BatchOptions,
  random: Random,
  isTraining = true,
): SpeechBatch[] {
  const depth = config.features.bandCount * config.encoder.frameStack;
  const vectorsPerSample = 1 / (config.features.hopLength * config.encoder.frameStack);
  const byLength = new Map<number, Row[]>();
  for (const example of examples) {
    const frames = speechFrames(config, example, isTraining ? random : undefined);
    const { labels: before, end } = example.preceding ?? { labels: [], end: 0 };
    const labels = Int32Array.from(labelIds(config.vocabulary, [...before, ...example.labels]));
    const length = frames.length / depth;
    if (length < 2 * labels.length + 1) continue; // CTC needs a vector a label, and blanks between equal ones
    const group = byLength.get(length) ?? [];
    group.push({ frames, labels, firstLabel: before.length, start: Math.floor(end * vectorsPerSample) });
    byLength.set(length, group);
  }
  const batches: SpeechBatch[] = [];
  for (const [length, group] of byLength) {
    const size = Math.max(1, Math.min(batchSize, Math.floor(batchFrames / (length * config.encoder.frameStack))));
    for (let start = 0; start < group.length; start += size) {
      batches.push(batchOf(group.slice(start, start + size), length, depth));
    }
  }
  return shuffled(batches, random);
}

function batchOf(rows: readonly Row[], length: number, depth: number): SpeechBatch {
  const frames = new Float32Array(rows.length * length * depth);
  for (const [index, row] of rows.entries()) frames.set(row.frames, index * length * depth);
  return {
    frames,
    shape: [rows.length, length, depth],
    labels: rows.map(({ labels }) => labels),
    utterances: rows.map(({ firstLabel, start }) => ({ firstLabel, start })),
  };
}
