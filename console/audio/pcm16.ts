/** Samples in -1..1 as s16le, the ends cut off. */
export function toPcm16(samples: Float32Array): Uint8Array {
  const view = new DataView(new ArrayBuffer(2 * samples.length));
  for (const [index, sample] of samples.entries()) {
    view.setInt16(2 * index, Math.max(-32_768, Math.min(32_767, Math.round(32_768 * sample))), true);
  }
  return new Uint8Array(view.buffer);
}
