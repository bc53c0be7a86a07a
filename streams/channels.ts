import type { OperatorFunction } from 'rxjs';

import { aFunction, anObject, assertOptions, type Check, type Checks, integerIn, oneOf } from '../src/arguments.ts';
import { type ChannelOption, type ChannelsPiece, indexedChannel } from '../src/audio/channels.ts';
import {
  type DamageOptions,
  decodeAudio,
  type DecodeAudioOptions,
  decodeChannels,
  type RawOptions,
  readPcmChannels,
} from '../src/audio/read-audio.ts';
import { asyncOperator } from './operator.ts';

export type ChannelsOptions = DamageOptions &
  Pick<DecodeAudioOptions, 'onWarning'> & {
    /** Which are given, default each for itself; one of them, or their mean, comes as one channel. */
    readonly channel?: ChannelOption;
    /** How samples without a header are written; of them each channel is given. */ readonly raw?:
      | RawOptions
      | undefined;
  };

const aChannel: Check = (name, value) => {
  if (typeof value === 'string') oneOf('mix', 'each', 'left', 'right')(name, value);
  else integerIn(0, 65_534)(name, value);
};

const CHECKS: Checks<ChannelsOptions> = {
  channel: aChannel,
  raw: anObject,
  onDamage: aFunction,
  onWarning: aFunction,
};

/**
 * The bytes of a recording, in pieces of any size, to its channels at its own rate, samples in -1..1: for `recognize(eachChannel(model))`,
 * which hears each alone. Gives `audio/...` and `wav/...` to the subscriber. Throws `option/...`.
 *
 * @example
 * ```ts
 * import { loadModel } from 'hearken';
 * import { channels, eachChannel, fileBytes, pull, recognize } from 'hearken/streams';
 *
 * await using model = await loadModel('codes-en', { grammar: 'digits' });
 * const heard = fileBytes('samples/pin.wav').pipe(channels(), recognize(eachChannel(model), {}));
 * for await (const { channel, event } of pull(heard)) if (event.type === 'final') console.log(channel, event.text);
 * // => 0 four seven two nine
 * ```
 */
export function channels(options: ChannelsOptions = {}): OperatorFunction<Uint8Array, ChannelsPiece> {
  assertOptions('channels', options, CHECKS);
  return asyncOperator((bytes) => piecesOf(bytes, options));
}

async function* piecesOf(
  bytes: AsyncIterable<Uint8Array>,
  { channel: option = 'each', raw, onDamage, onWarning }: ChannelsOptions,
): AsyncGenerator<ChannelsPiece, void, undefined> {
  const channel = indexedChannel(option);
  const damage = onDamage === undefined ? {} : { onDamage };
  if (raw !== undefined) yield* readPcmChannels(bytes, { ...raw, ...damage });
  else if (channel === 'each') yield* decodeChannels(bytes, damage);
  else {
    const pieces = decodeAudio(bytes, { channel, ...damage, ...(onWarning && { onWarning }) });
    for await (const { sampleRate, samples } of pieces) yield { sampleRate, channels: [samples] };
  }
}
