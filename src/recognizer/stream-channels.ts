/** A recording whose channels are heard each alone and at once: as many streams, which go through it side by side. */
import type { ChannelsPiece } from '../audio/channels.ts';
import { abortable } from './abortable.ts';
import type { RecognitionEvent } from './events.ts';
import type { Model, StreamOptions } from './model.ts';

export type ChannelEvent = { /** From 0. */ readonly channel: number; readonly event: RecognitionEvent };

/** Events of all channels as they come. Throws as `Model.stream` does, and what `pieces` throw. */
export async function* streamChannels(
  model: Pick<Model, 'stream'>,
  pieces: AsyncIterable<ChannelsPiece>,
  options: Omit<StreamOptions, 'sampleRate'>,
): AsyncGenerator<ChannelEvent, void, undefined> {
  const leaving = new AbortController();
  const signal = AbortSignal.any([leaving.signal, ...(options.signal === undefined ? [] : [options.signal])]);
  const source = abortable(pieces, signal);
  try {
    const first = await source.next();
    if (first.done === true) return;
    const { sampleRate } = first.value;
    const streams = branches(first.value, source).map((samples) =>
      model.stream(samples, { ...options, sampleRate, signal }),
    );
    yield* merged(streams);
  } finally {
    leaving.abort(); // of streams that wait for others
    await source.return();
  }
}

/** What each of the streams tells, as it comes. */
async function* merged(
  streams: readonly AsyncIterator<RecognitionEvent, void>[],
): AsyncGenerator<ChannelEvent, void, undefined> {
  type Told = { readonly channel: number; readonly result: IteratorResult<RecognitionEvent, void> };
  const awaited = new Map<number, Promise<Told>>();
  const ask = (channel: number, stream: AsyncIterator<RecognitionEvent, void>): void => {
    const told = stream.next().then((result) => ({ channel, result }));
    told.catch(() => {}); // the race below hears of the first; the others fail by the end that it makes
    awaited.set(channel, told);
  };
  for (const [channel, stream] of streams.entries()) ask(channel, stream);
  while (awaited.size > 0) {
    const { channel, result } = await Promise.race(awaited.values());
    const stream = streams[channel];
    awaited.delete(channel);
    if (result.done === true || stream === undefined) continue;
    yield { channel, event: result.value };
    ask(channel, stream);
  }
}

/** A piece, and the one after it, which is read when all channels have worked off this one. */
type Round = {
  readonly piece: Promise<ChannelsPiece | undefined>;
  /** Channels that have not worked it off. */ busy: number;
  readonly next: Promise<Round>;
  readonly begin: (next: Round) => void;
};

function openRound(piece: Promise<ChannelsPiece | undefined>, busy: number): Round {
  let begin: Round['begin'] = () => {};
  const next = new Promise<Round>((resolve) => {
    begin = resolve;
  });
  piece.catch(() => {}); // whoever still listens is told
  return { piece, busy, next, begin };
}

/** The channels for themselves, at one pace. */
function branches(
  first: ChannelsPiece,
  source: AsyncIterator<ChannelsPiece, unknown>,
): AsyncGenerator<Float32Array, void, undefined>[] {
  const count = first.channels.length;
  const beginning = openRound(Promise.resolve(first), count);
  const read = async (): Promise<ChannelsPiece | undefined> => {
    const result = await source.next();
    return result.done === true ? undefined : result.value;
  };
  const branch = async function* (channel: number): AsyncGenerator<Float32Array, void, undefined> {
    let round = beginning;
    for (let piece = await round.piece; piece !== undefined; piece = await round.piece) {
      yield piece.channels[channel] as Float32Array; // as many in every piece
      round.busy--;
      if (round.busy === 0) round.begin(openRound(read(), count));
      round = await round.next;
    }
  };
  return first.channels.map((_, channel) => branch(channel));
}
