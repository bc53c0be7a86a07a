import type { ByteSource } from '../../src/audio/byte-stream.ts';
import { type ChannelOption, type ChannelsPiece, indexedChannel } from '../../src/audio/channels.ts';
import { decodeAudio, decodeChannels } from '../../src/audio/read-audio.ts';
import type { HearkenError } from '../../src/errors.ts';
import type { FinalEvent, RecognitionEvent } from '../../src/recognizer/events.ts';
import type { Notice } from '../../src/recognizer/transcribe.ts';
import { resolveGrammar } from '../../src/text/vocabulary.ts';
import type { RemoteStream, EngineClient, ServedModel } from '../engine/client.ts';
import type { ServerMetrics } from '../metrics.ts';

export type TranscribedUpload = {
  /** Its utterances, in the order in which they begin; words have their channel where each was heard alone. */
  readonly finals: readonly FinalEvent[];
  readonly durationSeconds: number;
  /** Where each was heard alone. */ readonly channelCount?: number;
  /** Why words may be missing. */ readonly incomplete?: Notice;
  readonly warnings: readonly Notice[];
};

export type TranscribeUploadOptions = {
  readonly engine: EngineClient;
  readonly metrics: ServerMetrics;
  readonly channel: ChannelOption;
};

/**
 * Hears a recording from its first sample to its last, or to where it is broken, as fast as the engine takes it. Throws as
 * `decodeAudio` does where nothing of it can be heard.
 */
export async function transcribeUpload(
  source: ByteSource,
  model: ServedModel,
  { engine, metrics, channel }: TranscribeUploadOptions,
): Promise<TranscribedUpload> {
  let incomplete: Notice | undefined;
  const warnings: Notice[] = [];
  const pieces = channelsOf(source, channel, {
    onDamage: ({ code, message }) => {
      incomplete = { code, message };
    },
    onWarning: ({ code, message }) => warnings.push({ code, message }),
  });
  let listeners: readonly Listener[] = [];
  let durationSeconds = 0;
  try {
    for await (const { channels, sampleRate } of pieces) {
      if (listeners.length === 0) {
        listeners = channels.map(() => listen(openStream(engine, model, sampleRate), metrics.openStream()));
      }
      durationSeconds += (channels[0]?.length ?? 0) / sampleRate;
      for (const [index, samples] of channels.entries()) await listeners[index]?.hear(samples);
    }
    const finals = await Promise.all(listeners.map((listener) => listener.finish()));
    const isEach = channel === 'each' && listeners.length > 0;
    return {
      finals: isEach ? finals.flatMap(ofChannel).toSorted((a, b) => a.start - b.start) : finals.flat(),
      durationSeconds,
      ...(isEach && { channelCount: listeners.length }),
      ...(incomplete !== undefined && { incomplete }),
      warnings,
    };
  } finally {
    for (const { close } of listeners) close();
  }
}

type Telling = {
  readonly onDamage: (damage: HearkenError) => void;
  readonly onWarning: (warning: HearkenError) => void;
};

async function* channelsOf(
  source: ByteSource,
  option: ChannelOption,
  { onDamage, onWarning }: Telling,
): AsyncGenerator<ChannelsPiece, void, undefined> {
  const channel = indexedChannel(option);
  if (channel === 'each') {
    yield* decodeChannels(source, { onDamage });
    return;
  }
  for await (const { sampleRate, samples } of decodeAudio(source, { channel, onDamage, onWarning })) {
    yield { sampleRate, channels: [samples] };
  }
}

function ofChannel(finals: readonly FinalEvent[], channel: number): FinalEvent[] {
  return finals.map((final) => ({ ...final, words: final.words.map((word) => ({ ...word, channel })) }));
}

/** A stream that hears one channel, and what it has settled. */
type Listener = {
  /** Resolves when there is room for more. Rejects where the stream has failed. */
  readonly hear: (samples: Float32Array) => Promise<void>;
  readonly finish: () => Promise<readonly FinalEvent[]>;
  readonly close: () => void;
};

function listen(stream: RemoteStream, metrics: ReturnType<ServerMetrics['openStream']>): Listener {
  const finals: FinalEvent[] = [];
  const keep = (events: readonly RecognitionEvent[]): void => {
    for (const event of events) if (event.type === 'final' && event.text !== '') finals.push(event);
  };
  let failure: unknown;
  return {
    hear: async (samples) => {
      await stream.room();
      if (failure !== undefined) throw failure;
      metrics.timed(stream.push(samples.slice())).then(keep, (error: unknown) => {
        failure ??= error;
      });
    },
    finish: async () => {
      keep(await metrics.timedFlush(stream.flush())); // the last of the answers, which come in order
      return finals;
    },
    close: () => stream.close(),
  };
}

/** At the recording's own rate: it is converted on the engine's thread. */
function openStream(engine: EngineClient, chosen: ServedModel, sampleRate: number): RemoteStream {
  const { id, vocabulary } = engine.models.find(({ id: served }) => served === chosen.id) ?? chosen; // perhaps loaded again since
  return engine.open({ model: id, sampleRate, grammar: resolveGrammar(vocabulary) });
}
