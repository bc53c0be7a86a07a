import { HearkenError } from '../errors.ts';
import { type ChannelSelection, partsOf } from './pcm.ts';
import type { SampleDecoder } from './sample-decoder.ts';

/** A codec that packs some frames (a sample of each channel) into a block of bytes. */
export type BlockCodec = {
  readonly name: 'gsm' | 'ima-adpcm' | 'ima4' | 'ms-adpcm';
  /** Length of a full block in bytes, for all channels. */ readonly blockBytes: number;
  /** Frames that can be had from the first `bytes` of a block, 0 of too few. */
  readonly frameCountOf: (bytes: number) => number;
  /** A decoder of consecutive blocks, which may keep what the next one needs. */
  readonly open: () => BlockDecoder;
};

/**
 * Writes the frames of `block`, which may be a partial one, to `frames`, channels interleaved, in -1..1. Gives what the
 * block should have held where it cannot be decoded (`a predictor in 0..6, got 9`).
 */
export type BlockDecoder = (block: Uint8Array, frames: Float32Array) => string | undefined;

export type BlockOptions = {
  readonly codec: BlockCodec;
  readonly channelCount: number;
  readonly channel: ChannelSelection;
  /** Frames to give at most: the last block may be padded. Default: all. */ readonly frameCount?: number | undefined;
  /** Position in its file, in bytes, of the first block, for messages. */ readonly byteOffset: number;
};

/**
 * One channel of a stream of blocks, or all sample by sample. A last block that is not full gives what it holds, bytes too few for that are padding,
 * and damage ends the samples.
 */
export function createBlockDecoder(options: BlockOptions): SampleDecoder {
  const { codec, channelCount, channel, byteOffset } = options;
  const { blockBytes } = codec;
  const decodeBlock = codec.open();
  const parts = partsOf(channel, channelCount);
  const block = new Uint8Array(blockBytes);
  const frames = new Float32Array(codec.frameCountOf(blockBytes) * channelCount); // interleaved
  let length = 0; // of what there is of `block`
  let position = byteOffset; // of `block`
  let remaining = options.frameCount ?? Number.POSITIVE_INFINITY;
  let damage: HearkenError | undefined;

  /** Decodes what there is of `block` into `samples` and gives how many these are. */
  const decode = (samples: Float32Array): number => {
    const frameCount = codec.frameCountOf(length);
    const fault = frameCount === 0 ? undefined : decodeBlock(block.subarray(0, length), frames);
    if (fault !== undefined) {
      damage = new HearkenError('audio/damaged-block', `Expected ${fault}, in the block at byte ${position}`);
      return 0;
    }
    const count = Math.min(frameCount, remaining);
    chooseChannels(frames, { ...parts, channelCount }, samples.subarray(0, count * parts.of));
    remaining -= count;
    position += length;
    length = 0;
    return count * parts.of;
  };

  return {
    push: (bytes) => {
      if (damage !== undefined) return new Float32Array(0);
      const blockCount = Math.floor((length + bytes.length) / blockBytes);
      const samples = new Float32Array(blockCount * codec.frameCountOf(blockBytes) * parts.of);
      let count = 0;
      for (let used = 0; used < bytes.length; ) {
        const taken = Math.min(blockBytes - length, bytes.length - used);
        block.set(bytes.subarray(used, used + taken), length);
        used += taken;
        length += taken;
        if (length === blockBytes) count += decode(samples.subarray(count));
        if (damage !== undefined) break;
      }
      return samples.slice(0, count);
    },
    finish: () => {
      const samples = new Float32Array(damage === undefined ? codec.frameCountOf(length) * parts.of : 0);
      return samples.slice(0, samples.length === 0 ? 0 : decode(samples));
    },
    damage: () => damage,
  };
}

type Parts = ReturnType<typeof partsOf> & { readonly channelCount: number };

function chooseChannels(frames: Float32Array, { first, count, of, channelCount }: Parts, samples: Float32Array): void {
  for (let out = 0; out < samples.length; out++) {
    const start = Math.floor(out / of) * channelCount + first + (out % of);
    let sum = 0;
    for (let index = start; index < start + count; index++) sum += frames[index]!; // of the frames decoded
    samples[out] = sum / count;
  }
}
