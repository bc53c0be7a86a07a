import type { HearkenError } from '../errors.ts';

/** Bytes turned into the samples of one channel. What comes out does not depend on how the bytes were cut. */
export type SampleDecoder = {
  /** The samples that `bytes` complete; none once there is damage. */
  readonly push: (bytes: Uint8Array) => Float32Array;
  /** Called once after the last bytes: gives the samples of what has not come whole, where some can be had from it. */
  readonly finish: () => Float32Array;
  /** The error in the bytes after the last sample that was given; undefined as long as there is none. */
  readonly damage: () => HearkenError | undefined;
};

/** The samples of all chunks, and then what is wrong with them, thrown. */
export async function* decodeSamples(
  chunks: AsyncIterable<Uint8Array> | Iterable<Uint8Array>,
  decoder: SampleDecoder,
): AsyncGenerator<Float32Array, void, undefined> {
  for await (const bytes of chunks) {
    const samples = decoder.push(bytes);
    if (samples.length > 0) yield samples;
    throwDamage(decoder);
  }
  const samples = decoder.finish();
  if (samples.length > 0) yield samples;
  throwDamage(decoder);
}

function throwDamage({ damage }: SampleDecoder): void {
  const error = damage();
  if (error !== undefined) throw error;
}
