/** Containers that are not read here, through the optional peer dependency `audio-decode`. */
import { HearkenError } from '../errors.ts';
import type { CompressedContainer } from './container.ts';
import { interleave, type InterleavedPiece } from './channels.ts';
import { CONVERSION_HINT } from './codec-names.ts';
import type { ChannelSelection } from './pcm.ts';
import { watchWholeness, type Wholeness } from './wholeness.ts';

type AudioDecode = typeof import('audio-decode');

export type CompressedDecodeOptions = {
  readonly container: CompressedContainer;
  readonly channel: ChannelSelection;
  /** How `audio-decode` is loaded; tests give another way. */ readonly load?: () => Promise<AudioDecode>;
};

/**
 * Throws `audio/needs-audio-decode` where that is not installed, `audio/undecodable` on damage, `audio/truncated` after all
 * samples that there are, `audio/channel` on a channel that the recording does not have, `audio/non-finite-sample` on samples
 * that are no numbers.
 */
export async function* decodeCompressed(
  chunks: AsyncIterable<Uint8Array>,
  { container, channel, load = () => import('audio-decode') }: CompressedDecodeOptions,
): AsyncGenerator<InterleavedPiece, void, undefined> {
  const { default: decode } = await load().catch((cause: unknown) => {
    throw new HearkenError(
      'audio/needs-audio-decode',
      `Expected a container that is read without help, got ${container}: to read it, install the decoder with \`npm install audio-decode\``,
      { cause },
    );
  });
  const wholeness = watchWholeness(container);
  let frameCount = 0;
  try {
    for await (const { channelData, sampleRate } of decode(watched(chunks, wholeness), container)) {
      frameCount += channelData[0]?.length ?? 0;
      const channelCount = channel === 'all' ? channelData.length : 1;
      yield { sampleRate, channelCount, samples: chooseChannel(channelData, channel) };
    }
  } catch (cause) {
    if (cause instanceof HearkenError) throw cause; // of the source, or of a channel
    const reason = cause instanceof Error ? cause.message : String(cause);
    const expected = `Expected a ${container} recording that is whole and of a codec that is read`;
    throw new HearkenError('audio/undecodable', `${expected}, got: ${reason}; ${CONVERSION_HINT}`, { cause });
  }
  if (frameCount === 0) {
    throw new HearkenError('audio/undecodable', `Expected audio in the recording (${container}), got none`);
  }
  const missing = wholeness.missing(frameCount);
  if (missing === undefined) return;
  throw new HearkenError('audio/truncated', `Expected ${missing}: the ${container} recording is not whole`);
}

async function* watched(chunks: AsyncIterable<Uint8Array>, { watch }: Wholeness): AsyncGenerator<Uint8Array> {
  for await (const bytes of chunks) {
    watch(bytes);
    yield bytes;
  }
}

function chooseChannel(channels: readonly Float32Array[], channel: ChannelSelection): Float32Array {
  const chosen = typeof channel === 'string' ? channels : channels.slice(channel, channel + 1);
  const [first] = chosen;
  if (first === undefined) {
    const expected = `Expected a channel in 0..${channels.length - 1}, which the recording has`;
    throw new HearkenError('audio/channel', `${expected}, got ${channel}`);
  }
  const samples = channel === 'all' ? interleave(channels) : meanOf(chosen, first.length);
  if (!samples.every(Number.isFinite)) {
    throw new HearkenError('audio/non-finite-sample', 'Expected decoded samples to be finite numbers');
  }
  return samples;
}

function meanOf(channels: readonly Float32Array[], length: number): Float32Array {
  return Float32Array.from({ length }, (_, index) => {
    const sum = channels.reduce((total, channel) => total + channel[index]!, 0); // equally long
    return sum / channels.length;
  });
}
