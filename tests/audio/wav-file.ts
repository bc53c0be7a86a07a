/** Builds WAV files by hand, so that every field can be made false. */

export type Chunk = { readonly name: string; readonly size?: number; readonly content: Uint8Array };

type RiffOptions = { readonly id?: string; readonly form?: string; readonly size?: number };

export function ascii(text: string): Uint8Array {
  return Uint8Array.from(text, (character) => character.charCodeAt(0));
}

export function u16(...values: readonly number[]): Uint8Array {
  return Uint8Array.from(values.flatMap((value) => [value & 255, (value >> 8) & 255]));
}

export function u32(...values: readonly number[]): Uint8Array {
  return Uint8Array.from(values.flatMap((value) => [0, 8, 16, 24].map((shift) => (value >>> shift) & 255)));
}

export function u64(value: number): Uint8Array {
  return u32(value % 2 ** 32, Math.floor(value / 2 ** 32));
}

export function bytes(...parts: readonly Uint8Array[]): Uint8Array {
  return Uint8Array.from(parts.flatMap((part) => [...part]));
}

export function riff(chunks: readonly Chunk[], options: RiffOptions = {}): Uint8Array {
  const { id = 'RIFF', form = 'WAVE', size } = options;
  const body = bytes(
    ...chunks.flatMap(({ name, content, size: claimed = content.length }) => [
      ascii(name),
      u32(claimed),
      content,
      new Uint8Array(content.length % 2),
    ]),
  );
  return bytes(ascii(id), u32(size ?? body.length + 4), ascii(form), body);
}

type FormatFields = {
  readonly tag: number;
  readonly channelCount: number;
  readonly sampleRate: number;
  readonly bits: number;
  readonly blockBytes?: number;
};

export function fmt(fields: Partial<FormatFields> = {}): Chunk {
  const { tag = 1, channelCount = 1, sampleRate = 16_000, bits = 16 } = fields;
  const { blockBytes = (channelCount * bits) / 8 } = fields;
  const content = bytes(u16(tag, channelCount), u32(sampleRate, sampleRate * blockBytes), u16(blockBytes, bits));
  return { name: 'fmt ', content };
}

/** 16-bit samples at 16 kHz, one channel. */
export function data(...samples: readonly number[]): Chunk {
  return { name: 'data', content: u16(...samples) };
}
