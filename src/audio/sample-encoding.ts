import { A_LAW, MU_LAW } from './g711.ts';

/**
 * Encoding of one sample: unsigned or signed integers or floats, the lowest or the highest byte first, or G.711 bytes.
 */
export type SampleEncoding =
  | 'u8'
  | 's8'
  | 's16le'
  | 's16be'
  | 's24le'
  | 's24be'
  | 's32le'
  | 's32be'
  | 'f32le'
  | 'f32be'
  | 'f64le'
  | 'f64be'
  | 'alaw'
  | 'mulaw';

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
  alaw: { bytes: 1, read: (view, offset) => A_LAW[view.getUint8(offset)]! }, // tables of 256
  mulaw: { bytes: 1, read: (view, offset) => MU_LAW[view.getUint8(offset)]! },
  s8: { bytes: 1, read: (view, offset) => view.getInt8(offset) / 128 },
  s16be: { bytes: 2, read: (view, offset) => view.getInt16(offset) / 32_768 },
  s24be: {
    bytes: 3,
    read: (view, offset) => (view.getInt8(offset) * 65_536 + view.getUint16(offset + 1)) / 8_388_608,
  },
  s32be: { bytes: 4, read: (view, offset) => view.getInt32(offset) / 2_147_483_648 },
  f32be: { bytes: 4, read: (view, offset) => view.getFloat32(offset) },
  f64be: { bytes: 8, read: (view, offset) => view.getFloat64(offset) },
};

/** Every encoding by name, for messages and command lines. */
export const SAMPLE_ENCODINGS: readonly string[] = Object.keys(CODECS);

export function isSampleEncoding(name: string): name is SampleEncoding {
  return Object.hasOwn(CODECS, name);
}

/** Length of one sample in bytes. */
export function bytesOf(encoding: SampleEncoding): number {
  return CODECS[encoding].bytes;
}

export function readerOf(encoding: SampleEncoding): SampleReader {
  return CODECS[encoding].read;
}

const INTEGERS: Readonly<Record<number, { readonly little: SampleEncoding; readonly big: SampleEncoding }>> = {
  1: { little: 's8', big: 's8' },
  2: { little: 's16le', big: 's16be' },
  3: { little: 's24le', big: 's24be' },
  4: { little: 's32le', big: 's32be' },
};

/** Signed integers of 1..4 bytes; undefined for any other number of bytes. */
export function integerEncoding(bytes: number, isLittleEndian: boolean): SampleEncoding | undefined {
  return INTEGERS[bytes]?.[isLittleEndian ? 'little' : 'big'];
}

/** Floats of 32 or 64 bits; undefined for any other number of bits. */
export function floatEncoding(bits: number, isLittleEndian: boolean): SampleEncoding | undefined {
  if (bits === 32) return isLittleEndian ? 'f32le' : 'f32be';
  if (bits === 64) return isLittleEndian ? 'f64le' : 'f64be';
  return undefined;
}
