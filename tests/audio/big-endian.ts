/** Builds files whose numbers have their highest byte first, so that every field can be made false. */
import { ascii, bytes, u16, u32, u64 } from './wav-file.ts';

export function be16(...values: readonly number[]): Uint8Array {
  return bytes(...values.map((value) => u16(value).toReversed()));
}

export function be32(...values: readonly number[]): Uint8Array {
  return bytes(...values.map((value) => u32(value).toReversed()));
}

export function be64(value: number): Uint8Array {
  return u64(value).toReversed();
}

/** A chunk of AIFF, padded to even bytes. */
export function chunk(name: string, content: Uint8Array, size: number = content.length): Uint8Array {
  return bytes(ascii(name), be32(size), content, new Uint8Array(content.length % 2));
}

type Comm = { readonly channels?: number; readonly frames?: number; readonly bits?: number; readonly codec?: string };

/** At 8 kHz. */
export function comm({ channels = 1, frames = 0, bits = 16, codec }: Comm = {}): Uint8Array {
  const rate = bytes(be16(0x400b, 0xfa00), new Uint8Array(6)); // 8000 in 80 bits
  const head = bytes(be16(channels), be32(frames), be16(bits), rate);
  return chunk('COMM', codec === undefined ? head : bytes(head, ascii(codec), Uint8Array.of(0, 0)));
}

export function ssnd(samples: Uint8Array, { offset = 0, size }: { offset?: number; size?: number } = {}): Uint8Array {
  const content = bytes(be32(offset, 0), new Uint8Array(offset), samples);
  return chunk('SSND', content, size);
}

export function aiff(chunks: readonly Uint8Array[], form = 'AIFF', size?: number): Uint8Array {
  const body = bytes(ascii(form), ...chunks);
  return bytes(ascii('FORM'), be32(size ?? body.length), body);
}
