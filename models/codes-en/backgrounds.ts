import { CLIP_RATE, rootMeanSquare } from '../../corpora/clip.ts';
import { between, chance, pick, randomFor } from '../../corpora/draw.ts';
import { withSpeed } from '../../corpora/effects.ts';
import type { NoiseBank } from '../../corpora/noise.ts';
import type { Random } from '../../src/tensor/random.ts';

export type Backgrounds = {
  /** Adds music, babble, hum or steady noise of root mean square `level` to all of `samples`. */
  add(random: Random, samples: Float32Array, level: number): void;
  /** Adds white or slightly coloured noise of root mean square `level`, as every recording has. */
  addFloor(random: Random, samples: Float32Array, level: number): void;
  /**
   * A recording device for clips: gives each the same steady noise and some of it around the speech, cut off at the
   * clip's ends. Strings joined of such clips, as the test's are, have noise that comes and goes with the words.
   */
  recorder(random: Random): (clip: Float32Array) => Float32Array;
  /** `length` samples of white noise, deviation 1. */
  white(random: Random, length: number): Float32Array;
};

/** Steady noises are cut from tables, since drawing a normal number costs more than all other steps of an example. */
const TABLE_LENGTH = 1 << 20;
/** Share of the last value that a coloured table keeps from sample to sample: white to rumble. */
const COLORS = [0.3, 0.6, 0.8, 0.9, 0.96];
const TABLE_SEED = 11;
/** Root mean square of the loudest frames of synthesised speech. */
const LOUD_SPEECH = 0.2;

export function createBackgrounds(bank: NoiseBank): Backgrounds {
  const source = randomFor(TABLE_SEED);
  const whiteTable = Float32Array.from({ length: TABLE_LENGTH }, () => source.normal());
  const coloredTables = COLORS.map((memory) => colored(whiteTable, memory));
  const draw = (random: Random, length: number): Float32Array => {
    const kind = pick(random, ['white', 'coloured', 'music', 'music', 'babble', 'babble', 'babble', 'hum'] as const);
    switch (kind) {
      case 'white':
        return excerpt(random, whiteTable, length);
      case 'coloured':
        return excerpt(random, pick(random, coloredTables), length);
      case 'hum':
        return hum(random, excerpt(random, whiteTable, length));
      case 'music':
      case 'babble':
      default:
        return recording(random, pick(random, bank[kind]), length);
    }
  };
  return {
    add: (random, samples, level) => addScaled(samples, draw(random, samples.length), level),
    addFloor: (random, samples, level) => {
      const table = chance(random, 0.5) ? whiteTable : pick(random, coloredTables);
      addScaled(samples, excerpt(random, table, samples.length), level);
    },
    recorder: (random) => {
      const table = chance(random, 0.3) ? whiteTable : pick(random, coloredTables);
      const level = LOUD_SPEECH * 10 ** (-between(random, 20, 50) / 20);
      const margin = between(random, 0, 0.06) * CLIP_RATE;
      return (clip) => {
        const [before, after] = [Math.floor(margin * random.uniform()), Math.floor(margin)];
        const recorded = new Float32Array(before + clip.length + after);
        recorded.set(clip, before);
        addScaled(recorded, excerpt(random, table, recorded.length), level);
        return recorded;
      };
    },
    white: (random, length) => excerpt(random, whiteTable, length),
  };
}

function colored(white: Float32Array, memory: number): Float32Array {
  const output = new Float32Array(white.length);
  let last = 0;
  for (let n = 0; n < white.length; n++) {
    last = memory * last + (1 - memory) * white[n]!;
    output[n] = last + 0.02 * (1 - memory) * white[n]!;
  }
  return output;
}

/** `length` samples from anywhere in `table`, which is longer. */
function excerpt(random: Random, table: Float32Array, length: number): Float32Array {
  const start = random.integer(table.length - length);
  return table.slice(start, start + length);
}

/** An excerpt of a recording, half of the time played slower or faster. */
function recording(random: Random, table: Float32Array, length: number): Float32Array {
  return chance(random, 0.5)
    ? withSpeed(excerpt(random, table, Math.ceil(length * 1.25) + 8), between(random, 0.8, 1.25)).subarray(0, length)
    : excerpt(random, table, length);
}

/** Three steady tones on multiples of 50 Hz above faint `noise`. */
function hum(random: Random, noise: Float32Array): Float32Array {
  const output = noise.map((value) => 0.1 * value);
  for (let tone = 0; tone < 3; tone++) {
    const step = (2 * Math.PI * 50 * (1 + random.integer(30))) / CLIP_RATE;
    const phase = between(random, 0, 2 * Math.PI);
    const level = between(random, 0.1, 1);
    // sin(phase + n step) by the recurrence y_n = 2 cos(step) y_(n-1) - y_(n-2).
    const turn = 2 * Math.cos(step);
    let before = Math.sin(phase - step);
    let now = Math.sin(phase);
    for (let n = 0; n < output.length; n++) {
      output[n] = output[n]! + level * now;
      [before, now] = [now, turn * now - before];
    }
  }
  return output;
}

function addScaled(samples: Float32Array, noise: Float32Array, level: number): void {
  const scale = level / (rootMeanSquare(noise) + 1e-9);
  for (let n = 0; n < noise.length; n++) {
    samples[n] = samples[n]! + noise[n]! * scale;
  }
}
