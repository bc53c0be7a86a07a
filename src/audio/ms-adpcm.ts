/**
 * Microsoft's ADPCM as it stands in WAV ("New Multimedia Data Types and Data Techniques", 1994). Own code for the reasons
 * given in ima-adpcm.ts; `wavefile` and `imaadpcm` do not read it at all.
 */
import type { BlockCodec } from './block-decoder.ts';

/** Factor on the step, in 256ths, by code. */
const ADAPTATION: Int16Array = Int16Array.from([
  230, 230, 230, 230, 307, 409, 512, 614, 768, 614, 512, 409, 307, 230, 230, 230,
]);
const SMALLEST_STEP = 16;
/** Length in bytes of a block's header for one channel: a predictor, a step and two values. */
const HEADER_BYTES = 7;

/** Weights, in 256ths, of the last value and of the one before it in the prediction of the next. */
export type Coefficients = readonly [last: number, beforeLast: number];

/** The coefficients that every file lists first, and that a file which lists none means. */
export const USUAL_COEFFICIENTS: readonly Coefficients[] = [
  [256, 0],
  [512, -256],
  [0, 0],
  [192, 64],
  [240, 0],
  [460, -208],
  [392, -232],
];

export type MsOptions = {
  readonly channelCount: number;
  readonly blockBytes: number;
  /** Frames of a full block as the file says it; fewer than its bytes could hold where they are padded. */
  readonly blockFrames: number;
  readonly coefficients: readonly Coefficients[];
};

type Channel = { readonly coefficients: Coefficients; step: number; last: number; beforeLast: number };

export function msAdpcm({ channelCount, blockBytes, blockFrames, coefficients }: MsOptions): BlockCodec {
  const headerBytes = HEADER_BYTES * channelCount;
  const frameCountOf = (bytes: number): number =>
    bytes < headerBytes ? 0 : Math.min(blockFrames, 2 + Math.floor(((bytes - headerBytes) * 2) / channelCount));
  const open = () => (block: Uint8Array, frames: Float32Array) => {
    const view = new DataView(block.buffer, block.byteOffset, block.byteLength);
    const wrong = Array.from(block.subarray(0, channelCount)).find((predictor) => predictor >= coefficients.length);
    if (wrong !== undefined) return `an MS ADPCM predictor in 0..${coefficients.length - 1}, got ${wrong}`;
    const channels = Array.from({ length: channelCount }, (_, channel) => {
      const at = (field: number): number => view.getInt16(channelCount + 2 * (field * channelCount + channel), true);
      const chosen = coefficients[block[channel]!]!; // the predictors were looked at above
      return { coefficients: chosen, step: at(0), last: at(1), beforeLast: at(2) };
    });
    for (const [channel, { last, beforeLast }] of channels.entries()) {
      frames[channel] = beforeLast / 32_768;
      if (frameCountOf(block.length) > 1) frames[channelCount + channel] = last / 32_768;
    }
    const count = frameCountOf(block.length) * channelCount;
    for (let index = 2 * channelCount; index < count; index++) {
      const code = index - 2 * channelCount;
      const codes = block[headerBytes + (code >> 1)]!; // `frameCountOf` counts what is there
      const channel = channels[index % channelCount] as Channel;
      frames[index] = expand(channel, code % 2 === 0 ? codes >> 4 : codes & 15) / 32_768;
    }
    return undefined;
  };
  return { name: 'ms-adpcm', blockBytes, frameCountOf, open };
}

/** The next value, 16 bits. */
function expand(channel: Channel, code: number): number {
  const [last, beforeLast] = channel.coefficients;
  const predicted = (channel.last * last + channel.beforeLast * beforeLast) >> 8;
  const value = predicted + (code < 8 ? code : code - 16) * channel.step;
  channel.beforeLast = channel.last;
  channel.last = Math.min(32_767, Math.max(-32_768, value));
  channel.step = Math.max(SMALLEST_STEP, (ADAPTATION[code]! * channel.step) >> 8); // of sixteen
  return channel.last;
}
