import type { RemoteStream, EngineClient, RecognitionEvent } from '../engine/client.ts';
import type { TraceSpan } from './span.ts';

export type EngineTrace = {
  /** Of the connection. */ readonly span: TraceSpan;
  /** Whether each utterance gets a span of its own. */ readonly hasUtterances: boolean;
  /** Streams in the batch whose answers have just come. */ readonly batchSizeOf: (model: string) => number;
};

type PendingEvents = Promise<readonly RecognitionEvent[]>;

/** The same, but the span tells which streams were opened, how much they heard, when words came and were settled. */
export function withTracing(engine: EngineClient, { span, hasUtterances, batchSizeOf }: EngineTrace): EngineClient {
  let seconds = 0; // in all streams of the connection
  let hasWords = false;
  const noteFirstWord = (events: readonly RecognitionEvent[]): void => {
    if (hasWords || !events.some(hasText)) return;
    hasWords = true;
    span.event('hearken.first_word');
  };
  return {
    ...engine,
    get models() {
      return engine.models; // they may be loaded again
    },
    get tokenModels() {
      return engine.tokenModels;
    },
    open: (options) => {
      const { model, sampleRate, grammar } = options;
      const stream = engine.open(options);
      span.set({ 'hearken.model.id': model, 'hearken.audio.sample_rate': sampleRate, 'hearken.grammar': grammar.name });
      const utterances = hasUtterances ? traceUtterances(span, () => batchSizeOf(model)) : undefined;
      const watch = (heard: PendingEvents, sampleCount: number): PendingEvents => {
        const note = (events: readonly RecognitionEvent[]): void => {
          seconds += sampleCount / sampleRate;
          noteFirstWord(events);
          utterances?.note(events);
        };
        heard.then(note, () => undefined); // who asked is told of a failure
        return heard;
      };
      return tracedStream(stream, watch, () => {
        utterances?.close();
        span.set({ 'hearken.audio.seconds': seconds });
      });
    },
    openTokens: (options) => {
      const stream = engine.openTokens(options);
      span.set({ 'hearken.model.id': options.model });
      return stream;
    },
  };
}

function tracedStream(
  stream: RemoteStream,
  watch: (heard: PendingEvents, sampleCount: number) => PendingEvents,
  onClose: () => void,
): RemoteStream {
  return {
    ...stream,
    push: (samples) => {
      const { length } = samples; // empty once it is handed over
      return watch(stream.push(samples), length);
    },
    flush: () => watch(stream.flush(), 0),
    close: () => {
      onClose();
      stream.close();
    },
  };
}

type Utterances = {
  readonly note: (events: readonly RecognitionEvent[]) => void;
  /** Nothing more will come. */ readonly close: () => void;
};

function traceUtterances(stream: TraceSpan, batchSize: () => number): Utterances {
  let utterance: TraceSpan | undefined;
  const noteOne = (event: RecognitionEvent): void => {
    if ((event.type === 'partial' || event.type === 'final') && hasText(event)) {
      utterance ??= stream.begin('hearken.utterance');
    }
    if (event.type === 'endpoint') utterance?.set({ 'hearken.utterance.reason': event.reason });
    if (event.type !== 'final') return;
    utterance?.set({ 'hearken.utterance.words': event.words.length, 'hearken.batch.size': batchSize() });
    utterance?.end();
    utterance = undefined;
  };
  return {
    note: (events) => {
      for (const event of events) noteOne(event);
    },
    close: () => {
      utterance?.end();
      utterance = undefined;
    },
  };
}

function hasText(event: RecognitionEvent): boolean {
  return 'text' in event && event.text !== '';
}
