/** A recording whose channels are recognized each alone and at once: as many streams, pushed and flushed as one. */
import type { ChannelsPiece } from '../audio/channels.ts';
import type { RecognitionEvent } from './events.ts';
import type { Recognizer, RecognizerStream } from './recognizer.ts';

export type ChannelEvent = {
  /** Index of the channel, from 0. */ readonly channel: number;
  readonly event: RecognitionEvent;
};

/**
 * A stream of a recording's channels. The first piece opens their streams: it tells how many there are, and at which
 * rate.
 */
export type ChannelsStream = Omit<RecognizerStream<ChannelsPiece, ChannelEvent>, 'snapshot'>;

/** A recognizer of recordings that runs `recognizer` on each channel, at the recording's own rate. */
export function eachChannel<Options extends { readonly sampleRate?: number | undefined } | undefined>(
  recognizer: Recognizer<Options>,
): Recognizer<Omit<NonNullable<Options>, 'sampleRate'>, ChannelsStream> {
  return {
    open: (options) => openChannels((sampleRate) => recognizer.open({ ...options, sampleRate } as Options)), // whole again
  };
}

function openChannels(open: (sampleRate: number) => RecognizerStream): ChannelsStream {
  let streams: readonly RecognizerStream[] = [];
  const ofAll = async (
    ask: (stream: RecognizerStream, channel: number) => Promise<readonly RecognitionEvent[]>,
  ): Promise<ChannelEvent[]> => {
    const answers = await Promise.all(streams.map(ask));
    return answers.flatMap((events, channel) => events.map((event) => ({ channel, event })));
  };
  return {
    push: async ({ channels, sampleRate }) => {
      if (streams.length === 0) streams = channels.map(() => open(sampleRate));
      return ofAll((stream, channel) => stream.push(channels[channel]!)); // as many in every piece
    },
    flush: () => ofAll((stream) => stream.flush()),
    room: async () => {
      for (const stream of streams) await stream.room();
    },
    close: () => {
      for (const stream of streams) stream.close();
    },
  };
}

/** The event, whose words say of which channel they are. */
export function withChannel({ channel, event }: ChannelEvent): RecognitionEvent {
  return event.type === 'final' ? { ...event, words: event.words.map((word) => ({ ...word, channel })) } : event;
}
