/** Frames of MPEG audio by their headers (ISO 11172-3, 13818-3 and 13818-7). */

/** kbit/s by the index in the header; 0 is free format, which is not known by its header. */
const BIT_RATES = {
  v1Layer2: [0, 32, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320, 384],
  v1Layer3: [0, 32, 40, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320],
  v2: [0, 8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160],
};
/** Sample rates of MPEG version 1 in Hz; versions 2 and 2.5 halve and quarter them. */
const SAMPLE_RATES = [44_100, 48_000, 32_000];

/** Length in bytes of the frame of layer 2 or 3 at the start of `bytes`; undefined where none starts there. */
export function mpegFrameBytes(bytes: Uint8Array): number | undefined {
  const [first = 0, second = 0, third = 0] = bytes;
  if (bytes.length < 4 || first !== 0xff || (second & 0xe0) !== 0xe0) return undefined;
  const version = (second >> 3) & 3; // 3 is 1, 2 is 2, 0 is 2.5
  const layer = 4 - ((second >> 1) & 3); // 4 is none
  if (version === 1 || (layer !== 2 && layer !== 3)) return undefined;
  const isFirst = version === 3;
  const rates = isFirst ? (layer === 2 ? BIT_RATES.v1Layer2 : BIT_RATES.v1Layer3) : BIT_RATES.v2;
  const bitRate = (rates[third >> 4] ?? 0) * 1000;
  const base = SAMPLE_RATES[(third >> 2) & 3];
  if (bitRate === 0 || base === undefined) return undefined;
  const sampleRate = base / (isFirst ? 1 : version === 2 ? 2 : 4);
  const bytesPerBit = layer === 3 && !isFirst ? 72 : 144; // samples of a frame, by eight
  return Math.floor((bytesPerBit * bitRate) / sampleRate) + ((third >> 1) & 1);
}

/** Length in bytes of the ADTS frame (AAC) at the start of `bytes`; undefined where none starts there. */
export function adtsFrameBytes(bytes: Uint8Array): number | undefined {
  const [first = 0, second = 0, third = 0, fourth = 0, fifth = 0, sixth = 0] = bytes;
  if (bytes.length < 7 || first !== 0xff || (second & 0xf6) !== 0xf0 || ((third >> 2) & 15) > 12) return undefined;
  const length = ((fourth & 3) << 11) | (fifth << 3) | (sixth >> 5);
  return length >= 7 ? length : undefined;
}
