/**
 * Log-mel filterbank features as Kaldi and torchaudio define them (`compute-fbank-feats` with `--dither=0`,
 * `--snip-edges=true`, `--use-power=true`): frame, subtract the mean, pre-emphasise, window, power spectrum, mel, log.
 */
import { assertInteger, assertNumber, HearkenError } from '../errors.ts';
import { createFramePair, type FramePair } from './frame-pair.ts';
import { createMelFilterbank, createPairedMelFilterbank } from './mel-filterbank.ts';
import { createPowerSpectrum } from './power-spectrum.ts';
import { createWindow, type WindowName } from './window.ts';

/** How log-mel features are computed; stored with a model. Lengths in samples. */
export type LogMelConfig = {
  /** Sample rate in Hz. */ readonly sampleRate: number;
  /** Samples in a frame. */ readonly frameLength: number;
  /** Samples from one frame's start to the next one's, at most `frameLength`. */ readonly hopLength: number;
  /** A power of two, at least `frameLength`; frames are padded with zeros. */ readonly fftLength: number;
  readonly bandCount: number;
  /** Lower edge of the first band, Hz. */ readonly lowHz: number;
  /** Upper edge of the last band, Hz, at most half the sample rate. */ readonly highHz: number;
  readonly window: WindowName;
  /** Coefficient of the pre-emphasis `x[t] - preemphasis * x[t - 1]` inside each frame; 0 for none. */
  readonly preemphasis: number;
  readonly removeDcOffset: boolean;
  /** Smallest energy that the logarithm sees; Kaldi's is float32's epsilon, 1.1920929e-7. */
  readonly energyFloor: number;
};

export type LogMelOptions = {
  /** Factor on the band edges in Hz (vocal tract length perturbation), in 0.5..2. Default 1: none. */
  readonly warp?: number;
};

/** The samples of a stream that later frames cover, fewer than a frame. */
export type LogMelState = { readonly tail: Float32Array };

/** One stream of samples turned into frames. What it returns does not depend on how the samples were cut. */
export type LogMel = {
  /** `samples`, in -1..1, of any length -> the frames `[frameCount, bandCount]` that they complete, row-major. */
  readonly push: (samples: Float32Array) => Float32Array;
  readonly snapshot: () => LogMelState;
  /** Goes on from `state`, whatever was pushed before. */
  readonly restore: (state: LogMelState) => void;
  /** Opens another stream, at its start, which shares this one's tables. */
  readonly fork: () => LogMel;
};

/** Opens a stream. Throws `option/out-of-range` or `log-mel/config` on a contradictory `config`. */
export function createLogMel(config: LogMelConfig, options: LogMelOptions = {}): LogMel {
  const { warp = 1 } = options;
  assertLogMelConfig(config);
  assertNumber('warp', warp, 0.5, 2);
  return openStream(config, createAnalysis(config, warp));
}

/** Frames `[frameCount, bandCount]` of a whole recording: `frameCount = 1 + floor((N - frameLength) / hopLength)`. */
export function logMel(config: LogMelConfig, samples: Float32Array, options: LogMelOptions = {}): Float32Array {
  return createLogMel(config, options).push(samples);
}

/** Throws `option/out-of-range` or `log-mel/config`, naming the field, unless `config` can be computed. */
export function assertLogMelConfig(config: LogMelConfig): void {
  assertInteger('sampleRate', config.sampleRate, 1, 768_000);
  assertInteger('frameLength', config.frameLength, 2, 65_536);
  assertInteger('hopLength', config.hopLength, 1, config.frameLength);
  assertInteger('fftLength', config.fftLength, Math.max(4, config.frameLength), 65_536);
  if (!Number.isInteger(Math.log2(config.fftLength))) {
    throw new HearkenError('log-mel/config', `Expected \`fftLength\` to be a power of two, got ${config.fftLength}`);
  }
  assertInteger('bandCount', config.bandCount, 1, config.fftLength / 2);
  assertNumber('highHz', config.highHz, 1, config.sampleRate / 2);
  assertNumber('lowHz', config.lowHz, 0, config.highHz);
  if (config.lowHz === config.highHz) {
    throw new HearkenError('log-mel/config', `Expected \`lowHz\` below \`highHz\`, got ${config.lowHz} for both`);
  }
  assertNumber('preemphasis', config.preemphasis, 0, 1);
  assertNumber('energyFloor', config.energyFloor, Number.MIN_VALUE, Number.MAX_VALUE);
}

/** Writes the log-mel energies of one or two frames to `rows[row]` and the next, `rows` being `[frameCount, bandCount]`. */
type Analysis = (first: Float32Array, second: Float32Array | undefined, rows: Float32Array, row: number) => void;

function createAnalysis(config: LogMelConfig, warp: number): Analysis {
  const framePair = framePairOf(config);
  return framePair === undefined ? createSingleAnalysis(config, warp) : createPairAnalysis(config, warp, framePair);
}

/**
 * Transforms by their configuration: all streams of a process share them, for they are used for no longer than a call.
 */
const framePairs = new Map<string, FramePair | undefined>();
/** WebAssembly reserves much room for each; a process that hears more kinds of features lets go of the oldest. */
const MOST_FRAME_PAIRS = 16;

function framePairOf({ frameLength, fftLength, window, preemphasis, removeDcOffset }: LogMelConfig) {
  const config = { frameLength, fftLength, window, preemphasis, removeDcOffset };
  const key = JSON.stringify(config);
  if (framePairs.has(key)) return framePairs.get(key);
  const [oldest] = framePairs.keys();
  if (oldest !== undefined && framePairs.size === MOST_FRAME_PAIRS) framePairs.delete(oldest);
  const made = createFramePair(config);
  framePairs.set(key, made);
  return made;
}

function createPairAnalysis(config: LogMelConfig, warp: number, { frames, powers, run }: FramePair): Analysis {
  const { bandCount, energyFloor } = config;
  const melFilterbank = createPairedMelFilterbank({ ...config, warp });
  const energies = new Float64Array(2 * bandCount);
  return (first, second, rows, row) => {
    frames[0].set(first);
    if (second !== undefined) frames[1].set(second);
    run();
    melFilterbank(powers, energies);
    for (let lane = 0; lane < (second === undefined ? 1 : 2); lane++) {
      for (let band = 0; band < bandCount; band++) {
        const energy = energies[2 * band + lane]!;
        rows[(row + lane) * bandCount + band] = Math.log(Math.max(energy, energyFloor));
      }
    }
  };
}

/** Analyses frame by frame, without WebAssembly: the reference for `createPairAnalysis`. */
export function createSingleAnalysis(config: LogMelConfig, warp: number): Analysis {
  const { frameLength, fftLength, bandCount, preemphasis, removeDcOffset, energyFloor } = config;
  const window = createWindow(config.window, frameLength);
  const powerSpectrum = createPowerSpectrum(fftLength);
  const melFilterbank = createMelFilterbank({ ...config, warp });
  const frame = new Float64Array(fftLength); // beyond frameLength it stays zero
  const power = new Float64Array(fftLength / 2 + 1);
  const energies = new Float64Array(bandCount);

  const analyze = (samples: Float32Array, rows: Float32Array, row: number): void => {
    const mean = removeDcOffset ? meanOf(samples) : 0;
    const offset = mean - preemphasis * mean; // pre-emphasis of the mean, which the mean's removal takes away
    let previous = samples[0]!; // the first sample is its own predecessor, as in Kaldi
    for (let index = 0; index < frameLength; index++) {
      const sample = samples[index]!;
      frame[index] = (sample - preemphasis * previous - offset) * window[index]!;
      previous = sample;
    }
    powerSpectrum(frame, power);
    melFilterbank(power, energies);
    for (let band = 0; band < bandCount; band++) {
      rows[row * bandCount + band] = Math.log(Math.max(energies[band]!, energyFloor));
    }
  };
  return (first, second, rows, row) => {
    analyze(first, rows, row);
    if (second !== undefined) analyze(second, rows, row + 1);
  };
}

function meanOf(samples: Float32Array): number {
  let sum = 0;
  for (const sample of samples) sum += sample;
  return sum / samples.length;
}

function openStream(config: LogMelConfig, analyze: Analysis): LogMel {
  const { frameLength, hopLength, bandCount } = config;
  let tail = new Float32Array(0);
  return {
    push: (samples) => {
      const seam = new Float32Array(tail.length + Math.min(samples.length, frameLength - 1));
      seam.set(tail);
      seam.set(samples.subarray(0, frameLength - 1), tail.length); // all that frames which start in the tail cover
      const frameCount = Math.max(0, 1 + Math.floor((tail.length + samples.length - frameLength) / hopLength));
      const rows = new Float32Array(frameCount * bandCount);
      const frameAt = (row: number): Float32Array => {
        const start = row * hopLength;
        return start < tail.length
          ? seam.subarray(start, start + frameLength)
          : samples.subarray(start - tail.length, start - tail.length + frameLength);
      };
      for (let row = 0; row < frameCount; row += 2) {
        analyze(frameAt(row), row + 1 < frameCount ? frameAt(row + 1) : undefined, rows, row);
      }
      const next = frameCount * hopLength; // where it lies in the tail, `samples` are so few that the seam holds them
      tail = next < tail.length ? seam.slice(next) : samples.slice(next - tail.length);
      return rows;
    },
    snapshot: () => ({ tail: tail.slice() }),
    restore: (state) => {
      assertInteger('state.tail.length', state.tail.length, 0, frameLength - 1);
      tail = state.tail.slice();
    },
    fork: () => openStream(config, analyze),
  };
}
