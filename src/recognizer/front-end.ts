/** From samples to what the encoder takes: log-mel frames, normalised without a future, stacked; and how loud each was. */
import { createLogMel, type LogMelState } from '../audio/log-mel.ts';
import { createQuietRoom } from '../audio/quiet-room.ts';
import { createRunningMean, type RunningMeanState } from '../audio/running-mean.ts';
import { HearkenError } from '../errors.ts';
import type { RecognizerConfig } from '../model/speech-config.ts';
import { concatenate } from '../tensor/concatenate.ts';

/**
 * Samples and frames that a stream still needs from its past: less than a frame of samples, less than a stack of
 * frames.
 */
export type AudioState = {
  readonly logMel: LogMelState;
  readonly runningMean: RunningMeanState;
  /** `[r, bands]` with r below the stack: log-mel frames that do not make a vector yet, as they were measured. */
  readonly frames: Float32Array;
};

export type AudioVectors = {
  readonly state: AudioState;
  /** `[n, frameStack * bands]`: normalised frames. */ readonly frames: Float32Array;
  /** `[n]`: mean of the vector's log-mel energies before normalisation. */ readonly logEnergies: Float32Array;
};

export type AudioFront = {
  /** The state of a stream that has heard nothing. */
  readonly start: () => AudioState;
  /**
   * Samples in -1..1 at the model's rate, of any number -> the vectors' frames that they complete. `state` stays as it
   * is. Throws `audio/non-finite-sample` with the place of the first NaN or infinite sample.
   */
  readonly push: (state: AudioState, samples: Float32Array) => AudioVectors;
  /** `push` for the stream's last samples: silence follows, so that its last word comes out. */
  readonly end: (state: AudioState, samples: Float32Array) => AudioVectors;
  /** Samples that a stream has heard; `vectorCount` are the vectors it had. */
  readonly samplesHeard: (state: AudioState, vectorCount: number) => number;
};

/** The front of a model; its tables are shared by all its streams. */
export function createAudioFront({
  features,
  encoder,
  decoding,
}: Pick<RecognizerConfig, 'features' | 'encoder' | 'decoding'>): AudioFront {
  const tables = createLogMel(features);
  const inQuietRoom = createQuietRoom(features);
  const bands = features.bandCount;
  const vectorSize = bands * encoder.frameStack;
  const openMean = () =>
    createRunningMean({ bands, frameRate: features.sampleRate / features.hopLength, ...features.normalization });
  // CTC spells a word some vectors after its sound: a recording cut at the end of its last word would lose it.
  const closingSeconds = decoding.endpointing.closingSilenceMs / 1000;
  const closing = new Float32Array(Math.round(closingSeconds * features.sampleRate));
  const push: AudioFront['push'] = (state, samples) => {
    assertFinite(samples);
    const logMel = tables.fork();
    logMel.restore(state.logMel);
    const pending = concatenate([state.frames, logMel.push(samples)]);
    const whole = pending.length - (pending.length % vectorSize);
    const stacked = pending.subarray(0, whole);
    const runningMean = openMean();
    runningMean.restore(state.runningMean);
    return {
      frames: runningMean.push(inQuietRoom(stacked)),
      logEnergies: meanOfRows(stacked, vectorSize),
      state: { logMel: logMel.snapshot(), runningMean: runningMean.snapshot(), frames: pending.slice(whole) },
    };
  };
  return {
    start: () => ({
      logMel: tables.fork().snapshot(),
      runningMean: openMean().snapshot(),
      frames: new Float32Array(0),
    }),
    push,
    end: (state, samples) => push(state, concatenate([samples, closing])),
    samplesHeard: ({ frames, logMel }, vectorCount) =>
      (vectorCount * encoder.frameStack + frames.length / bands) * features.hopLength + logMel.tail.length,
  };
}

function assertFinite(samples: Float32Array): void {
  for (let index = 0; index < samples.length; index++) {
    if (Number.isFinite(samples[index])) continue;
    throw new HearkenError(
      'audio/non-finite-sample',
      `Expected finite samples, got ${samples[index]} at index ${index}`,
    );
  }
}

function meanOfRows(rows: Float32Array, width: number): Float32Array {
  const means = new Float32Array(rows.length / width);
  for (let row = 0; row < means.length; row++) {
    let sum = 0;
    for (let column = 0; column < width; column++) sum += rows[row * width + column]!; // inside
    means[row] = sum / width;
  }
  return means;
}
