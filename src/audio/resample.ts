import { assertInteger, HearkenError } from '../errors.ts';
import { concatenate } from '../tensor/concatenate.ts';
import { createPolyphase, type Polyphase } from './polyphase.ts';

export type ResampleOptions = {
  /** Sample rate of the input in Hz, a whole number in 4000..768000. */ readonly inputRate: number;
  /** Sample rate of the output in Hz, a whole number in 4000..768000. */ readonly outputRate: number;
};

export type ResamplerState = {
  /** Inputs that later outputs still need; zeros stand for those before the start. */ readonly tail: Float32Array;
  /** Distance of the next output from its input, in parts of one input: a whole number, never rounded. */
  readonly phase: number;
};

/**
 * One stream of samples at another rate: output n is the signal at time `n / outputRate`, so the filter delays nothing.
 * What it returns does not depend on how the samples were cut.
 */
export type Resampler = {
  /** The outputs that `samples` decide; they lag behind by half the filter's length until more samples or the end. */
  readonly push: (samples: Float32Array) => Float32Array;
  /** The outputs up to the end of what was pushed, silence following it. The next `push` starts another stream. */
  readonly flush: () => Float32Array;
  readonly snapshot: () => ResamplerState;
  /** Goes on from `state`, whatever was pushed before. */
  readonly restore: (state: ResamplerState) => void;
  /** Opens another stream, at its start, which shares this one's tables. */
  readonly fork: () => Resampler;
};

/**
 * Opens a stream that converts the sample rate. Throws `option/out-of-range` on a rate out of range; the stream throws
 * `audio/non-finite-sample` where samples near the largest float32 add up to more than it holds.
 */
export function createResampler(options: ResampleOptions): Resampler {
  const { inputRate, outputRate } = options;
  assertInteger('inputRate', inputRate, 4000, 768_000);
  assertInteger('outputRate', outputRate, 4000, 768_000);
  return inputRate === outputRate ? passThrough() : openStream(createPolyphase(inputRate, outputRate));
}

/** A whole recording, `ceil(samples.length * outputRate / inputRate)` samples long. */
export function resample(samples: Float32Array, options: ResampleOptions): Float32Array {
  return resampleWith(createResampler(options), samples);
}

/** Converts a whole recording by a stream at its start; the stream is at its start again after it. */
export function resampleWith({ push, flush }: Resampler, samples: Float32Array): Float32Array {
  return concatenate([push(samples), flush()]);
}

function openStream(polyphase: Polyphase): Resampler {
  const { up, down, taps, interpolate } = polyphase;
  const before = taps / 2 - 1; // inputs needed before the one that an output follows
  let tail = new Float32Array(before);
  let phase = 0;

  /** Outputs that follow one of the first `inputCount` of `inputs`; the rest are only their filter's right half. */
  const advance = (inputs: Float32Array, inputCount: number): Float32Array => {
    const ahead = inputCount - before; // inputs that an output may follow
    const outputCount = Math.max(0, Math.ceil((ahead * up - phase) / down));
    const outputs = new Float32Array(outputCount);
    let start = 0;
    for (let index = 0; index < outputCount; index++) {
      outputs[index] = interpolate(inputs, start, phase);
      phase += down;
      start += Math.floor(phase / up);
      phase %= up;
    }
    tail = inputs.slice(start);
    if (!outputs.every(Number.isFinite)) {
      const expected = 'Expected samples that stay finite float32 numbers at another rate';
      throw new HearkenError('audio/non-finite-sample', `${expected}, got sums beyond them`);
    }
    return outputs;
  };

  return {
    push: (samples) => {
      const inputs = concatenate([tail, samples]);
      return advance(inputs, inputs.length - taps / 2);
    },
    flush: () => {
      const outputs = advance(concatenate([tail, new Float32Array(taps / 2)]), tail.length);
      tail = new Float32Array(before);
      phase = 0;
      return outputs;
    },
    snapshot: () => ({ tail: tail.slice(), phase }),
    restore: (state) => {
      assertInteger('state.tail.length', state.tail.length, 0, taps - 1);
      assertInteger('state.phase', state.phase, 0, up - 1);
      tail = state.tail.slice();
      phase = state.phase;
    },
    fork: () => openStream(polyphase),
  };
}

/** Equal rates: nothing to filter. */
function passThrough(): Resampler {
  return {
    push: (samples) => samples.slice(),
    flush: () => new Float32Array(0),
    snapshot: () => ({ tail: new Float32Array(0), phase: 0 }),
    restore: ({ tail, phase }) => {
      if (tail.length > 0 || phase !== 0) {
        throw new HearkenError(
          'resample/state',
          `Expected the state of equal rates to be empty, got ${tail.length} samples`,
        );
      }
    },
    fork: passThrough,
  };
}
