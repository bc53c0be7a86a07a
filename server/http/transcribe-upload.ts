import type { ByteSource } from '../../src/audio/byte-stream.ts';
import type { ChannelOption, ChannelsPiece } from '../../src/audio/channels.ts';
import { type ChannelEvent, eachChannel, withChannel } from '../../src/recognizer/channels.ts';
import type { FinalEvent } from '../../src/recognizer/events.ts';
import type { Recognizer } from '../../src/recognizer/recognizer.ts';
import type { Notice } from '../../src/recognizer/transcribe.ts';
import { resolveGrammar } from '../../src/text/vocabulary.ts';
import { channels, pull, PullObservable, recognize, watch } from '../../streams/index.ts';
import type { EngineClient, OpenStream, ServedModel } from '../engine/client.ts';

export type TranscribedUpload = {
  /**
   * The recording's utterances, in the order in which they begin; words have their channel where each was transcribed
   * for itself.
   */
  readonly finals: readonly FinalEvent[];
  readonly durationSeconds: number;
  /** Number of channels, where each was transcribed for itself. */ readonly channelCount?: number;
  /** Why words may be missing. */ readonly incomplete?: Notice;
  readonly warnings: readonly Notice[];
};

export type TranscribeUploadOptions = {
  readonly engine: EngineClient;
  readonly channel: ChannelOption;
};

/**
 * Recognizes a recording from its first sample to its last, or to where it is broken, as fast as the engine takes it. Throws as
 * `decodeAudio` does where nothing of it can be heard.
 */
export async function transcribeUpload(
  source: ByteSource,
  model: ServedModel,
  { engine, channel }: TranscribeUploadOptions,
): Promise<TranscribedUpload> {
  let incomplete: Notice | undefined;
  const warnings: Notice[] = [];
  let durationSeconds = 0;
  let channelCount = 0;
  const decode = channels({
    channel,
    onDamage: ({ code, message }) => {
      incomplete = { code, message };
    },
    onWarning: ({ code, message }) => warnings.push({ code, message }),
  });
  const count = watch((piece: ChannelsPiece) => {
    channelCount = piece.channels.length;
    durationSeconds += (piece.channels[0]?.length ?? 0) / piece.sampleRate;
  });
  const recognizer = eachChannel(recognizerOf(engine, model));
  const isEach = channel === 'each';
  const finals: FinalEvent[] = [];
  for await (const recognized of pull(
    new PullObservable(() => source).pipe(decode, count, recognize(recognizer, {})),
  )) {
    const event = finalOf(recognized, isEach);
    if (event !== undefined) finals.push(event);
  }
  return {
    finals: isEach ? finals.toSorted((a, b) => a.start - b.start) : finals,
    durationSeconds,
    ...(isEach && channelCount > 0 && { channelCount }),
    ...(incomplete !== undefined && { incomplete }),
    warnings,
  };
}

function finalOf(recognized: ChannelEvent, isEach: boolean): FinalEvent | undefined {
  const event = isEach ? withChannel(recognized) : recognized.event;
  return event.type === 'final' && event.text !== '' ? event : undefined;
}

/** Streams of one model of the engine, with its default grammar. */
function recognizerOf(engine: EngineClient, chosen: ServedModel): Recognizer<Pick<OpenStream, 'sampleRate'>> {
  return {
    open: ({ sampleRate }) => {
      const { id, vocabulary } = engine.models.find((served) => served.id === chosen.id) ?? chosen; // perhaps loaded again since
      return engine.open({ model: id, sampleRate, grammar: resolveGrammar(vocabulary) });
    },
  };
}
