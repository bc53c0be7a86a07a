/** The telephone codecs of ITU-T G.711: a byte is a sign, three bits of exponent and four of mantissa. */

/** Linear value of each A-law byte, `[256]`, in -1..1. */
export const A_LAW: Float32Array = Float32Array.from({ length: 256 }, (_, byte) => expandALaw(byte) / 32_768);

/** Linear value of each mu-law byte, `[256]`, in -1..1. */
export const MU_LAW: Float32Array = Float32Array.from({ length: 256 }, (_, byte) => expandMuLaw(byte) / 32_768);

/**
 * Expands an A-law byte to a 13-bit magnitude, left-justified in 16 bits; even bits are inverted on the wire, and a set
 * sign is positive.
 */
function expandALaw(byte: number): number {
  const bits = byte ^ 0x55;
  const exponent = (bits >> 4) & 7;
  const mantissa = bits & 15;
  const magnitude = exponent === 0 ? mantissa * 16 + 8 : (mantissa * 16 + 264) << (exponent - 1);
  return (bits & 0x80) === 0 ? -magnitude : magnitude;
}

/**
 * Expands a mu-law byte to a 14-bit magnitude with a bias of 33, left-justified in 16 bits; all bits are inverted on
 * the wire.
 */
function expandMuLaw(byte: number): number {
  const bits = ~byte & 0xff;
  const exponent = (bits >> 4) & 7;
  const mantissa = bits & 15;
  const magnitude = ((mantissa * 8 + 132) << exponent) - 132;
  return (bits & 0x80) === 0 ? magnitude : -magnitude;
}
