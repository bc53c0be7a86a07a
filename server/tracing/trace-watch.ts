import type { RecognitionEvent } from '../engine/client.ts';
import { grammarNameOf } from '../engine/stream-grammar.ts';
import type { EngineWatch } from '../watched-engine.ts';
import type { TraceSpan } from './span.ts';

export type EngineTrace = {
  /** Span of the connection. */ readonly span: TraceSpan;
  /** Whether each utterance gets a span of its own. */ readonly hasUtterances: boolean;
  /** Streams in the batch whose answers have just come. */ readonly batchSizeOf: (model: string) => number;
};

/** The span tells which streams were opened, how much they heard, when words came and were settled. */
export function traceWatch({ span, hasUtterances, batchSizeOf }: EngineTrace): EngineWatch {
  let seconds = 0; // in all streams of the connection
  let hasWords = false;
  const noteFirstWord = (events: readonly RecognitionEvent[]): void => {
    if (hasWords || !events.some(hasText)) return;
    hasWords = true;
    span.event('hearken.first_word');
  };
  return {
    onOpen: ({ model, sampleRate, grammar }) => {
      span.set({
        'hearken.model.id': model,
        'hearken.audio.sample_rate': sampleRate,
        'hearken.grammar': grammarNameOf(grammar),
      });
      const utterances = hasUtterances ? traceUtterances(span, () => batchSizeOf(model)) : undefined;
      return {
        onRequest: (answer, request) => {
          const note = (events: readonly RecognitionEvent[]): void => {
            seconds += request.seconds;
            noteFirstWord(events);
            utterances?.note(events);
          };
          answer.then(note, () => undefined); // who asked is told of a failure
        },
        onClose: () => {
          utterances?.close();
          span.set({ 'hearken.audio.seconds': seconds });
        },
      };
    },
    onOpenTokens: ({ model }) => span.set({ 'hearken.model.id': model }),
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
