import { A_LAW, MU_LAW } from './g711.ts';

/** How one sample is written: unsigned or signed integers, floats (little-endian), or G.711 bytes. */
export type SampleEncoding = 'u8' | 's16le' | 's24le' | 's32le' | 'f32le' | 'f64le' | 'alaw' | 'mulaw';

/** Reads one sample at a byte offset; integers are scaled so that full scale negative is -1. */
export type SampleReader = (view: DataView, offset: number) => number;

type Codec = { readonly bytes: number; readonly read: SampleReader };

const CODECS: Readonly<Record<SampleEncoding, Codec>> = {
  u8: { bytes: 1, read: (view, offset) => (view.getUint8(offset) - 128) / 128 },
  s16le: { bytes: 2, read: (view, offset) => view.getInt16(offset, true) / 32_768 },
  s24le: {
    bytes: 3,
    read: (view, offset) => (view.getInt8(offset + 2) * 65_536 + view.getUint16(offset, true)) / 8_388_608,
  },
  s32le: { bytes: 4, read: (view, offset) => view.getInt32(offset, true) / 2_147_483_648 },
  f32le: { bytes: 4, read: (view, offset) => view.getFloat32(offset, true) },
  f64le: { bytes: 8, read: (view, offset) => view.getFloat64(offset, true) },
  alaw: { bytes: 1, read: (view, offset) => A_LAW[view.getUint8(offset)] as number }, // tables of 256
  mulaw: { bytes: 1, read: (view, offset) => MU_LAW[view.getUint8(offset)] as number },
};

/** Every encoding by name, for messages and command lines. */
export const SAMPLE_ENCODINGS: readonly string[] = Object.keys(CODECS);

export function isSampleEncoding(name: string): name is SampleEncoding {
  return Object.hasOwn(CODECS, name);
}

/** Bytes of one sample. */
export function bytesOf(encoding: SampleEncoding): number {
  return CODECS[encoding].bytes;
}

export function readerOf(encoding: SampleEncoding): SampleReader {
  return CODECS[encoding].read;
}
