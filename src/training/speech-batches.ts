/**
 * From recordings with their truth to the batches that the speech task trains on: log-mel frames, normalised as a
 * stream would see them, grouped by length so that nothing is padded with frames that were never heard.
 */
import { logMel } from '../audio/log-mel.ts';
import { createRunningMean, type RunningMeanState } from '../audio/running-mean.ts';
import type { RecognizerConfig } from '../model/speech-config.ts';
import type { Random } from '../tensor/random.ts';
import { HearkenError } from '../errors.ts';
import { labelIds } from '../text/vocabulary.ts';
import type { AudioExample, PhoneExample } from './examples.ts';
import { shuffled } from './shuffled.ts';

/** Utterances of equal length. B utterances, T vectors, F stacked frames flattened. */
export type SpeechBatch = {
  /** Normalised log-mel frames `[B, T, F]`, row-major. */ readonly frames: Float32Array;
  /** Shape `[B, T, F]` of the frames. */ readonly shape: readonly [number, number, number];
  /** Label ids of each row, counted from 1, of all that is said in it; none where they are not known. */
  readonly labels: readonly (Int32Array | undefined)[];
  /** Phones of each row, in the same way; absent where none are known. */
  readonly phones?: readonly (Int32Array | undefined)[];
  /** The last utterance of each row, which is the one that the decoder writes. */
  readonly utterances: readonly UtteranceInRow[];
};

/** Where the last utterance of a row begins: 0 and 0 where nothing was said before it. */
export type UtteranceInRow = {
  /** Index of its first label. */ readonly firstLabel: number;
  /** Index of its first vector. */ readonly start: number;
};

type Row = UtteranceInRow & {
  readonly frames: Float32Array;
  readonly labels: Int32Array | undefined;
  readonly phones: Int32Array | undefined;
};

export type BatchOptions = {
  /** The most utterances in a batch. */ readonly batchSize: number;
  /** The most frames (of 10 ms or so) in a batch: long utterances come in smaller batches. */
  readonly batchFrames: number;
};

/** Normalised frames of one recording, cut to whole vectors: `[T, F]`. With `random`, some streams have begun earlier. */
export function speechFrames(
  { features, encoder }: RecognizerConfig,
  example: Pick<AudioExample, 'samples' | 'warp'>,
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
 * Groups `examples` by length into batches, in an order drawn from `random`; examples too short for their labels or phones go. Throws
 * `vocabulary/unknown-label` on a label or phone that the model does not have.
 * For training, streams begin earlier than some of the recordings.
 */
export function speechBatches(
  examples: readonly (AudioExample | PhoneExample)[],
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
    const spelled = example.labels === undefined ? undefined : example;
    const { labels: before, end } = spelled?.preceding ?? { labels: [], end: 0 };
    const labels = spelled && Int32Array.from(labelIds(config.vocabulary, [...before, ...spelled.labels]));
    const phones = config.phones && example.phones && phoneIds(config.phones, example.phones);
    const length = frames.length / depth;
    if (length < 2 * (labels?.length ?? 0) + 1) continue; // CTC needs a vector a label, and blanks between equal ones
    if (phones !== undefined && length < vectorsFor(phones)) continue;
    if (labels === undefined && phones === undefined) continue; // nothing is learned of it
    const group = byLength.get(length) ?? [];
    group.push({ frames, labels, phones, firstLabel: before.length, start: Math.floor(end * vectorsPerSample) });
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

/** The least number of vectors in which CTC spells `ids`: one each, and a blank between equal ones. */
function vectorsFor(ids: Int32Array): number {
  return ids.reduce((count, id, at) => count + (at > 0 && ids[at - 1] === id ? 2 : 1), 0);
}

function phoneIds(symbols: readonly string[], phones: readonly string[]): Int32Array {
  const ids = new Map(symbols.map((symbol, index) => [symbol, index + 1]));
  return Int32Array.from(phones, (phone) => {
    const id = ids.get(phone);
    if (id !== undefined) return id;
    throw new HearkenError('vocabulary/unknown-label', `Expected a phone of the model, got '${phone}'`);
  });
}

function batchOf(rows: readonly Row[], length: number, depth: number): SpeechBatch {
  const frames = new Float32Array(rows.length * length * depth);
  for (const [index, row] of rows.entries()) frames.set(row.frames, index * length * depth);
  return {
    frames,
    shape: [rows.length, length, depth],
    labels: rows.map(({ labels }) => labels),
    ...(rows.some(({ phones }) => phones !== undefined) ? { phones: rows.map(({ phones }) => phones) } : {}),
    utterances: rows.map(({ firstLabel, start }) => ({ firstLabel, start })),
  };
}
