/**
 * Two frames of samples to their power spectra at once, in WebAssembly: every number is a pair, one of each frame, so that a
 * formula reads as for a single frame and takes half the instructions. What `createPowerSpectrum` gives, to the last bits
 * of a double, several times as fast.
 *
 * The transform is of half the length, as in `createPowerSpectrum`, by decimation in frequency: radix 4, and 2 at the end
 * where the length is no power of 4 (Cooley and Tukey, 1965; Gentleman and Sande, 1966). Results are left in the order in
 * which they come, and looked up.
 */
import type { LogMelConfig } from './log-mel.ts';
import { type Code, get, instantiate, int, type Kernel, loadInt, loop, pair, plus, set } from './wasm-code.ts';
import { createWindow } from './window.ts';

export type FramePair = {
  /** `[frameLength]`: the samples of both frames, to be filled in. */ readonly frames: readonly [
    Float32Array,
    Float32Array,
  ];
  /** `[fftLength / 2 + 1, 2]`: the power spectra after `run`, that of the second frame beside that of the first. */
  readonly powers: Float64Array;
  /** Subtracts the mean, pre-emphasizes, windows and transforms both frames. */ readonly run: () => void;
};

type FrameConfig = Pick<LogMelConfig, 'frameLength' | 'fftLength' | 'window' | 'preemphasis' | 'removeDcOffset'>;

/** Bytes of a pair of doubles; a complex number is two of them. */
const PAIR = 16;
const COMPLEX = 2 * PAIR;
/** Bytes from one row of twiddle factors to the next, and of what is looked up for one frequency. */
const TWIDDLES = 2 * COMPLEX;
const LOOKUP = 32;

/** Positions in the module's memory, in bytes. */
type Layout = {
  readonly frames: readonly [number, number];
  readonly window: number;
  /** `[fftLength]` pairs; beyond the frame they stay zero. */ readonly padded: number;
  readonly spectrum: number;
  /** Positions of the twiddle factors by stage. */ readonly twiddles: readonly number[];
  readonly lookups: number;
  readonly powers: number;
  readonly end: number;
};

/** A stage of the transform: `count` blocks of `length` complex numbers each. */
type Stage = { readonly length: number; readonly radix: 2 | 4 };

/** Makes the transform of two frames at once; undefined where the processor has no such instructions. */
export function createFramePair(config: FrameConfig): FramePair | undefined {
  const stages = stagesOf(config.fftLength / 2);
  const layout = layoutOf(config, stages);
  const kernel = instantiate(kernelOf(config, stages, layout));
  if (kernel === undefined) return undefined;
  const { memory, run } = kernel;
  fillTables(memory, config, stages, layout);
  const frameAt = (start: number): Float32Array => new Float32Array(memory, start, config.frameLength);
  const [first, second] = layout.frames;
  return {
    frames: [frameAt(first), frameAt(second)],
    powers: new Float64Array(memory, layout.powers, config.fftLength + 2),
    run,
  };
}

function stagesOf(length: number): Stage[] {
  if (length === 1) return [];
  const radix = length === 2 ? 2 : 4;
  return [{ length, radix }, ...stagesOf(length / radix)];
}

function layoutOf({ frameLength, fftLength }: FrameConfig, stages: readonly Stage[]): Layout {
  let end = 0;
  const reserve = (bytes: number): number => {
    const start = end;
    end += Math.ceil(bytes / PAIR) * PAIR;
    return start;
  };
  return {
    frames: [reserve(4 * frameLength), reserve(4 * frameLength)],
    window: reserve(8 * frameLength),
    padded: reserve(PAIR * fftLength),
    spectrum: reserve(PAIR * fftLength),
    twiddles: stages.map(({ length }) => reserve((TWIDDLES * length) / 4)),
    lookups: reserve(LOOKUP * (fftLength / 4 + 1)),
    powers: reserve(PAIR * (fftLength / 2 + 1)),
    end,
  };
}

function fillTables(buffer: ArrayBuffer, config: FrameConfig, stages: readonly Stage[], layout: Layout): void {
  const view = new DataView(buffer);
  const { frameLength, fftLength } = config;
  for (const [index, value] of createWindow(config.window, frameLength).entries()) {
    view.setFloat64(layout.window + 8 * index, value, true);
  }
  for (const [stage, { length }] of stages.entries()) {
    for (let index = 0; index < length / 4; index++) {
      for (let power = 1; power <= 3; power++) {
        const phase = (-2 * Math.PI * index * power) / length;
        const at = layout.twiddles[stage]! + TWIDDLES * index + PAIR * (power - 1); // one for each stage
        view.setFloat64(at, Math.cos(phase), true);
        view.setFloat64(at + 8, Math.sin(phase), true);
      }
    }
  }
  const positions = positionsOf(fftLength / 2);
  for (let k = 1; k <= fftLength / 4; k++) {
    const at = layout.lookups + LOOKUP * k;
    view.setInt32(at, COMPLEX * positions[k]!, true); // k and its mirror are below half the length
    view.setInt32(at + 4, COMPLEX * positions[fftLength / 2 - k]!, true);
    view.setFloat64(at + 8, Math.cos((2 * Math.PI * k) / fftLength), true);
    view.setFloat64(at + 16, Math.sin((2 * Math.PI * k) / fftLength), true);
  }
}

/** Position at which the transform of `length` leaves each frequency. */
function positionsOf(length: number): number[] {
  if (length === 1) return [0];
  const radix = length === 2 ? 2 : 4;
  const within = positionsOf(length / radix);
  return Array.from({ length }, (_, k) => (k % radix) * within.length + within[Math.floor(k / radix)]!);
}

/** Locals of the kernel: addresses, then pairs. */
const [BLOCK, INDEX, AT, UP, DOWN] = [0, 1, 2, 3, 4];
const FIRST_PAIR = 5;
const PAIRS = 16;
const local = (index: number): number => FIRST_PAIR + index;

function kernelOf(config: FrameConfig, stages: readonly Stage[], layout: Layout): Kernel {
  const transform = stages.map((stage, index) => {
    const from = index === 0 ? layout.padded : layout.spectrum;
    return stage.radix === 2
      ? radix2(config.fftLength / 2, from, layout.spectrum)
      : radix4(config.fftLength / 2, stage.length, from, layout.spectrum, layout.twiddles[index]!); // one each
  });
  const body = [...windowed(config, layout), ...transform.flat(), ...powersOf(config, layout)];
  return { integers: FIRST_PAIR, pairs: PAIRS, body, memoryBytes: layout.end };
}

/** `((x[t] - mean) - preemphasis (x[t - 1] - mean)) window[t]`; the first sample is its own predecessor, as in Kaldi. */
function windowed({ frameLength, preemphasis, removeDcOffset }: FrameConfig, layout: Layout): Code {
  const [first, second] = layout.frames;
  const [sample, previous, offset] = [local(0), local(1), local(2)];
  const index = get(INDEX); // 4 bytes a sample
  const twice = plus(index, index);
  const zero = pair.constant(0);
  const meanPass = [
    ...set(offset, zero),
    ...loop(INDEX, 0, 4 * frameLength, 4, set(offset, pair.add(get(offset), pair.loadFloats(index, first, second)))),
    ...set(offset, pair.divide(get(offset), pair.constant(frameLength))),
    ...set(offset, pair.subtract(get(offset), pair.multiply(pair.constant(preemphasis), get(offset)))),
  ];
  const emphasized = pair.subtract(get(sample), pair.multiply(pair.constant(preemphasis), get(previous)));
  const value = pair.multiply(pair.subtract(emphasized, get(offset)), pair.loadBoth(twice, layout.window));
  return [
    ...(removeDcOffset ? meanPass : set(offset, zero)),
    ...set(previous, pair.loadFloats(int(0), first, second)),
    ...loop(INDEX, 0, 4 * frameLength, 4, [
      ...set(sample, pair.loadFloats(index, first, second)),
      ...pair.store(plus(twice, twice), layout.padded, value),
      ...set(previous, get(sample)),
    ]),
  ];
}

/** A complex number: the locals of its parts. */
type Complex = { readonly real: number; readonly imaginary: number };

function complexLocal(index: number): Complex {
  return { real: local(2 * index), imaginary: local(2 * index + 1) };
}

function loadComplex({ real, imaginary }: Complex, address: Code, offset: number): Code {
  return [...set(real, pair.load(address, offset)), ...set(imaginary, pair.load(address, offset + PAIR))];
}

/**
 * One stage: `x[n]`, `x[n + N/4]`, `x[n + N/2]` and `x[n + 3N/4]` of each block of N become the inputs of four transforms
 * of N/4, those of the frequencies 4k, 4k + 1, 4k + 2 and 4k + 3.
 */
function radix4(total: number, length: number, from: number, to: number, twiddles: number): Code {
  const quarter = (COMPLEX * length) / 4;
  const [a, b, c, d, even, odd, cross, turned] = Array.from({ length: 8 }, (_, index) => complexLocal(index)) as [
    Complex,
    Complex,
    Complex,
    Complex,
    Complex,
    Complex,
    Complex,
    Complex,
  ]; // as many as are named
  const at = get(AT);
  const { add, subtract } = pair;
  const both = (target: Complex, real: Code, imaginary: Code): Code => [
    ...set(target.real, real),
    ...set(target.imaginary, imaginary),
  ];
  const combine = (target: Complex, x: Complex, y: Complex, sign: typeof add): Code =>
    both(target, sign(get(x.real), get(y.real)), sign(get(x.imaginary), get(y.imaginary)));
  const store = (part: number, value: Complex): Code => [
    ...pair.store(at, to + part * quarter, get(value.real)),
    ...pair.store(at, to + part * quarter + PAIR, get(value.imaginary)),
  ];
  const storeTurned = (part: number, value: Complex): Code =>
    length === 4 ? store(part, value) : [...turn(turned, value, twiddles + PAIR * (part - 1)), ...store(part, turned)];
  const butterfly = [
    ...[a, b, c, d].flatMap((input, part) => loadComplex(input, at, from + part * quarter)),
    ...combine(even, a, c, add),
    ...combine(odd, b, d, add),
    ...combine(cross, a, c, subtract),
    ...combine(a, even, odd, add),
    ...store(0, a),
    ...combine(a, even, odd, subtract),
    ...storeTurned(2, a),
    ...combine(c, b, d, subtract), // -i (b - d) is added to the first, and taken from the third
    ...both(a, add(get(cross.real), get(c.imaginary)), subtract(get(cross.imaginary), get(c.real))),
    ...storeTurned(1, a),
    ...both(a, subtract(get(cross.real), get(c.imaginary)), add(get(cross.imaginary), get(c.real))),
    ...storeTurned(3, a),
  ];
  const inBlock = loop(INDEX, 0, quarter, COMPLEX, [...set(AT, plus(get(BLOCK), get(INDEX))), ...butterfly]);
  return loop(BLOCK, 0, COMPLEX * total, COMPLEX * length, inBlock);
}

/** `target = value w`, where w is a factor of row `INDEX` of the stage's, `offset` bytes from the start of the first. */
function turn(target: Complex, value: Complex, offset: number): Code {
  const row = plus(get(INDEX), get(INDEX)); // a row of factors is as long as two complex numbers
  const [cosine, sine] = [pair.loadBoth(row, offset), pair.loadBoth(row, offset + 8)];
  const { multiply } = pair;
  return [
    ...set(target.real, pair.subtract(multiply(get(value.real), cosine), multiply(get(value.imaginary), sine))),
    ...set(target.imaginary, pair.add(multiply(get(value.real), sine), multiply(get(value.imaginary), cosine))),
  ];
}

function radix2(total: number, from: number, to: number): Code {
  const [a, b] = [complexLocal(0), complexLocal(1)];
  const at = get(BLOCK);
  const parts = (sign: typeof pair.add, offset: number): Code => [
    ...pair.store(at, to + offset, sign(get(a.real), get(b.real))),
    ...pair.store(at, to + offset + PAIR, sign(get(a.imaginary), get(b.imaginary))),
  ];
  return loop(BLOCK, 0, COMPLEX * total, 2 * COMPLEX, [
    ...loadComplex(a, at, from),
    ...loadComplex(b, at, from + COMPLEX),
    ...parts(pair.add, 0),
    ...parts(pair.subtract, COMPLEX),
  ]);
}

/** The powers of the real frames' spectra from that of the half-length complex transform; see `createPowerSpectrum`. */
function powersOf({ fftLength }: FrameConfig, { spectrum, lookups, powers }: Layout): Code {
  const { add, subtract, multiply } = pair;
  const [a, b, even, odd, turned] = Array.from({ length: 5 }, (_, index) => complexLocal(index)) as [
    Complex,
    Complex,
    Complex,
    Complex,
    Complex,
  ]; // as many as are named
  const row = get(INDEX);
  const [cosine, sine] = [pair.loadBoth(row, lookups + 8), pair.loadBoth(row, lookups + 16)];
  const square = (value: Code, name: number): Code => [...set(name, value), ...multiply(get(name), get(name))];
  const squaredLength = (real: Code, imaginary: Code): Code =>
    add(square(real, a.real), square(imaginary, a.imaginary));
  const [quarter, up, down] = [pair.constant(0.25), get(UP), get(DOWN)];
  const last = (PAIR * fftLength) / 2;
  return [
    ...loadComplex(a, int(0), spectrum),
    ...pair.store(int(0), powers, square(add(get(a.real), get(a.imaginary)), b.real)),
    ...pair.store(int(0), powers + last, square(subtract(get(a.real), get(a.imaginary)), b.real)),
    ...set(UP, int(0)),
    ...set(DOWN, int(last)),
    ...loop(INDEX, LOOKUP, LOOKUP * (fftLength / 4 + 1), LOOKUP, [
      ...set(UP, plus(up, int(PAIR))),
      ...set(DOWN, plus(down, int(-PAIR))),
      ...loadComplex(a, loadInt(row, lookups), spectrum),
      ...loadComplex(b, loadInt(row, lookups + 4), spectrum),
      ...set(even.real, add(get(a.real), get(b.real))),
      ...set(even.imaginary, subtract(get(a.imaginary), get(b.imaginary))),
      ...set(odd.real, add(get(a.imaginary), get(b.imaginary))),
      ...set(odd.imaginary, subtract(get(b.real), get(a.real))),
      ...set(turned.real, add(multiply(cosine, get(odd.real)), multiply(sine, get(odd.imaginary)))),
      ...set(turned.imaginary, subtract(multiply(cosine, get(odd.imaginary)), multiply(sine, get(odd.real)))),
      ...pair.store(
        up,
        powers,
        multiply(
          quarter,
          squaredLength(add(get(even.real), get(turned.real)), add(get(even.imaginary), get(turned.imaginary))),
        ),
      ),
      ...pair.store(
        down,
        powers,
        multiply(
          quarter,
          squaredLength(
            subtract(get(even.real), get(turned.real)),
            subtract(get(turned.imaginary), get(even.imaginary)),
          ),
        ),
      ),
    ]),
  ];
}
