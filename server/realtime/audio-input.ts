/** The audio of one session on its way to the engine: bytes of one format become samples of an engine's stream. */
import { createPcmDecoder } from '../../src/audio/pcm.ts';
import type { RemoteStream, EngineClient, RecognitionEvent, ServedModel } from '../engine/client.ts';
import { shiftTimes } from '../../src/recognizer/stream-cursor.ts';
import type { StreamMetrics } from '../metrics.ts';
import type { TraceSpan } from '../tracing/span.ts';
import { ENCODINGS, openingOf, type RealtimeSettings } from './settings.ts';

/** Answers come in the order of the calls, with seconds from the session's start. */
type PendingEvents = Promise<readonly RecognitionEvent[]>;

export type AudioInput = {
  /** Hands over what `bytes` complete; a sample may be cut in two. Waits for room. */
  readonly hear: (bytes: Uint8Array) => Promise<{ readonly heard: PendingEvents }>;
  /** Settles what is under way. Half a sample is forgotten. */ readonly flush: () => PendingEvents;
  /** Received so far. */ readonly receivedMs: () => number;
  /** Settled audio stays counted; what comes next is heard by these settings. Nothing may be waiting for an answer. */
  readonly reopen: (settings: RealtimeSettings) => void;
  readonly close: () => void;
};

export type AudioInputOptions = {
  readonly engine: EngineClient;
  readonly metrics: StreamMetrics;
  /** Is told how samples are written. */ readonly trace: Pick<TraceSpan, 'set'>;
};

export function openAudioInput({ engine, metrics, trace }: AudioInputOptions, first: RealtimeSettings): AudioInput {
  let settings = first;
  let secondsBefore = 0; // in streams that were closed
  let sampleCount = 0;
  let stream: RemoteStream | undefined;
  const decoderOf = ({ format }: RealtimeSettings): ReturnType<typeof createPcmDecoder> =>
    createPcmDecoder({ encoding: ENCODINGS[format.type] });
  let decoder = decoderOf(first);
  const seconds = (): number => secondsBefore + sampleCount / settings.format.rate;
  const inSession = async (heard: PendingEvents): PendingEvents => {
    const before = secondsBefore;
    return shiftTimes(before, await heard);
  };

  /** The model may have been loaded again since the settings were made. */
  const currentModel = ({ model }: RealtimeSettings): ServedModel =>
    engine.models.find(({ id }) => id === model.id) ?? model;
  const open = (): RemoteStream => {
    trace.set({ 'hearken.audio.encoding': ENCODINGS[settings.format.type] });
    return engine.open(openingOf({ ...settings, model: currentModel(settings) }));
  };

  return {
    hear: async (bytes) => {
      const samples = decoder.push(bytes);
      if (samples.length === 0) return { heard: Promise.resolve([]) };
      stream ??= open();
      const one = stream;
      await one.room();
      sampleCount += samples.length;
      return { heard: inSession(metrics.timed(one.push(samples))) };
    },
    flush: () => {
      decoder = decoderOf(settings);
      return stream === undefined ? Promise.resolve([]) : inSession(metrics.timedFlush(stream.flush()));
    },
    receivedMs: () => Math.round(seconds() * 1000),
    reopen: (next) => {
      secondsBefore = seconds();
      sampleCount = 0;
      stream?.close();
      stream = undefined;
      settings = next;
      decoder = decoderOf(next);
    },
    close: () => stream?.close(),
  };
}
