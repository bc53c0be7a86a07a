/**
 * Half precision, IEEE 754 binary16, for weights in files: half the bytes, 11 bits of each number. Node 20 has no Float16Array.
 *
 * Layout: 1 bit sign, 5 bits exponent (bias 15), 10 bits fraction; below 2^-14 the steps stay 2^-24.
 */
export const LARGEST_HALF = 65_504;
/** The smallest with all its 11 bits. */
export const SMALLEST_NORMAL_HALF: number = 2 ** -14;
const SMALLEST_STEP = 2 ** -24;
const FRACTION = 2 ** 10;

/**
 * The half next to `value`, ties to the even one; beyond 65,504, the largest, it is that one, since a weight must stay finite.
 */
export function roundToHalf(value: number): number {
  const size = Math.abs(value);
  if (!(size < LARGEST_HALF)) return Number.isNaN(value) ? value : Math.sign(value) * LARGEST_HALF;
  const step = size < SMALLEST_NORMAL_HALF ? SMALLEST_STEP : 2 ** (Math.floor(Math.log2(size)) - 10);
  return Math.sign(value) * roundToEven(size / step) * step;
}

function roundToEven(value: number): number {
  const below = Math.floor(value);
  const rest = value - below; // exact: a float32 over a power of two
  if (rest !== 0.5) return Math.round(value);
  return below % 2 === 0 ? below : below + 1;
}

/** The bits of every number of `data`, or nothing where a half cannot hold one exactly. */
export function toHalves(data: Float32Array): Uint16Array<ArrayBuffer> | undefined {
  const bits = new Uint16Array(data.length);
  for (let index = 0; index < data.length; index++) {
    const value = data[index]!;
    if (roundToHalf(value) !== value) return undefined;
    bits[index] = bitsOf(value);
  }
  return bits;
}

/** The numbers that `bits` stand for. */
export function fromHalves(bits: Uint16Array): Float32Array<ArrayBuffer> {
  return Float32Array.from(bits, valueOf);
}

/** The bits of a number that is a half. */
function bitsOf(value: number): number {
  const sign = value < 0 || Object.is(value, -0) ? 0x80_00 : 0;
  const size = Math.abs(value);
  if (size < SMALLEST_NORMAL_HALF) return sign | (size / SMALLEST_STEP);
  const exponent = Math.floor(Math.log2(size));
  return sign | ((exponent + 15) << 10) | ((size / 2 ** exponent - 1) * FRACTION);
}

function valueOf(bits: number): number {
  const sign = bits & 0x80_00 ? -1 : 1;
  const exponent = (bits >> 10) & 0x1f;
  const fraction = bits & 0x3_ff;
  if (exponent === 0) return sign * fraction * SMALLEST_STEP;
  if (exponent === 0x1f) return fraction === 0 ? sign * Number.POSITIVE_INFINITY : Number.NaN;
  return sign * (1 + fraction / FRACTION) * 2 ** (exponent - 15);
}
