/**
 * IMA ADPCM (Interactive Multimedia Association, "Recommended practices for enhancing digital audio compatibility", 1992)
 * as it stands in WAV, and as QuickTime's `ima4` in AIFC and CAF. Sums are shifted one by one, as the recommendation,
 * libsndfile and sox do; ffmpeg multiplies in WAV and differs in the last bits.
 *
 * Own code: `wavefile` and `imaadpcm` of npm read whole files of one channel only, `audio-decode` scales what is above zero
 * by another factor than what is below and hears the padding of the last block.
 */
import type { BlockCodec } from './block-decoder.ts';

/** [89]: from each step to the next it grows by a tenth. */
const STEPS: Int16Array = Int16Array.from([
  7, 8, 9, 10, 11, 12, 13, 14, 16, 17, 19, 21, 23, 25, 28, 31, 34, 37, 41, 45, 50, 55, 60, 66, 73, 80, 88, 97, 107, 118,
  130, 143, 157, 173, 190, 209, 230, 253, 279, 307, 337, 371, 408, 449, 494, 544, 598, 658, 724, 796, 876, 963, 1060,
  1166, 1282, 1411, 1552, 1707, 1878, 2066, 2272, 2499, 2749, 3024, 3327, 3660, 4026, 4428, 4871, 5358, 5894, 6484,
  7132, 7845, 8630, 9493, 10_442, 11_487, 12_635, 13_899, 15_289, 16_818, 18_500, 20_350, 22_385, 24_623, 27_086,
  29_794, 32_767,
]);
/** Change of the step's index, by the magnitude of a code. */
const STEP_CHANGES: Int8Array = Int8Array.of(-1, -1, -1, -1, 2, 4, 6, 8);
const LAST_STEP = 88;

type Predictor = { value: number; step: number };

/** The next value, 16 bits. */
function expand(state: Predictor, code: number): number {
  const step = STEPS[state.step]!; // `state.step` is kept in 0..88
  const magnitude = code & 7;
  let difference = step >> 3;
  if ((magnitude & 4) !== 0) difference += step;
  if ((magnitude & 2) !== 0) difference += step >> 1;
  if ((magnitude & 1) !== 0) difference += step >> 2;
  const value = (code & 8) === 0 ? state.value + difference : state.value - difference;
  state.value = Math.min(32_767, Math.max(-32_768, value));
  state.step = Math.min(LAST_STEP, Math.max(0, state.step + STEP_CHANGES[magnitude]!)); // of eight
  return state.value;
}

/** Length in bytes of a block's header for one channel: a value, a step, a byte that is not used. */
const HEADER_BYTES = 4;
/** Bytes of one channel before those of the next channel come. */
const RUN_BYTES = 4;

export type ImaOptions = {
  readonly channelCount: number;
  readonly blockBytes: number;
  /** Frames of a full block as the file says it; fewer than its bytes could hold where they are padded. */
  readonly blockFrames: number;
};

/** The IMA ADPCM of WAV files, each of whose blocks is decoded by itself. */
export function imaAdpcm({ channelCount, blockBytes, blockFrames }: ImaOptions): BlockCodec {
  const runs = (bytes: number): number =>
    Math.floor((bytes - HEADER_BYTES * channelCount) / (RUN_BYTES * channelCount));
  const oneChannel = (bytes: number): number => 1 + 2 * (bytes - HEADER_BYTES); // cut anywhere
  const frameCountOf = (bytes: number): number => {
    if (bytes < HEADER_BYTES * channelCount) return 0;
    return Math.min(blockFrames, channelCount === 1 ? oneChannel(bytes) : 1 + 2 * RUN_BYTES * runs(bytes));
  };
  const open = () => (block: Uint8Array, frames: Float32Array) => {
    const view = new DataView(block.buffer, block.byteOffset, block.byteLength);
    const frameCount = frameCountOf(block.length);
    for (let channel = 0; channel < channelCount; channel++) {
      const step = view.getUint8(HEADER_BYTES * channel + 2);
      if (step > LAST_STEP) return `an IMA ADPCM step in 0..${LAST_STEP}, got ${step}`;
      const state = { value: view.getInt16(HEADER_BYTES * channel, true), step };
      frames[channel] = state.value / 32_768;
      for (let frame = 1; frame < frameCount; frame++) {
        const byte = (frame - 1) >> 1;
        const run = Math.floor(byte / RUN_BYTES) * channelCount + channel;
        const at = HEADER_BYTES * channelCount + run * RUN_BYTES + (byte % RUN_BYTES);
        const codes = view.getUint8(at);
        frames[frame * channelCount + channel] = expand(state, frame % 2 === 1 ? codes & 15 : codes >> 4) / 32_768;
      }
    }
    return undefined;
  };
  return { name: 'ima-adpcm', blockBytes, frameCountOf, open };
}

/** A packet of QuickTime: 9 bits of the value, 7 of the step, then 64 codes. */
const PACKET = { bytes: 34, frames: 64 };
/** Mask of the bits of a value that its 9 stored bits leave out. */
const VALUE_REST = 0x7f;

/**
 * The IMA ADPCM of QuickTime, a packet a channel. The lower bits of the value come from the packet before, as long as
 * the upper fit.
 */
export function ima4({ channelCount }: { readonly channelCount: number }): BlockCodec {
  const blockBytes = PACKET.bytes * channelCount;
  const open = () => {
    const states = Array.from({ length: channelCount }, (): Predictor => ({ value: 0, step: 0 }));
    return (block: Uint8Array, frames: Float32Array) => {
      const view = new DataView(block.buffer, block.byteOffset, block.byteLength);
      for (const [channel, state] of states.entries()) {
        const start = PACKET.bytes * channel;
        const value = view.getInt16(start) & ~VALUE_REST;
        const step = view.getInt16(start) & VALUE_REST;
        if (step > LAST_STEP) return `an IMA ADPCM step in 0..${LAST_STEP}, got ${step}`;
        if (step !== state.step || Math.abs(value - state.value) > VALUE_REST) Object.assign(state, { value, step });
        for (let frame = 0; frame < PACKET.frames; frame++) {
          const codes = view.getUint8(start + 2 + (frame >> 1));
          frames[frame * channelCount + channel] = expand(state, frame % 2 === 0 ? codes & 15 : codes >> 4) / 32_768;
        }
      }
      return undefined;
    };
  };
  return { name: 'ima4', blockBytes, frameCountOf: (bytes) => (bytes < blockBytes ? 0 : PACKET.frames), open };
}
