/** Hears a recording in this page by a model that is fetched for it. Apart, since little of the page needs a recogniser. */
import type { EventMessage } from '../../client/index.ts';
import type { ConsoleModel } from '../../console/models.ts';
import { numberedMessage, replaceableMessage } from '../../server/sessions/event-message.ts';
import type { Engine } from '../../src/recognizer/engine.ts';
import type { RecognitionEvent } from '../../src/recognizer/events.ts';
import { createSpeechRecognizer } from '../../src/recognizer/speech-recognizer.ts';
import { streamEvents } from '../../src/recognizer/stream.ts';
import { resolveGrammar } from '../../src/text/vocabulary.ts';
import { fetchEngine } from '../runtime/fetch-model.ts';

export type Hearer = {
  readonly model: ConsoleModel;
  /** What a server would tell of a stream of `chunks`, at the model's rate. */
  readonly hear: (chunks: AsyncIterable<Float32Array>) => AsyncGenerator<EventMessage, void, undefined>;
};

/** Fetches the recogniser `name`. Throws as `fetchEngine`. */
export async function fetchHearer(name: string): Promise<Hearer> {
  const engine = await fetchEngine(name);
  const { vocabulary, features } = engine.config;
  const recognizer = createSpeechRecognizer(engine, {
    maximumBatch: 1,
    maximumWaitMs: 0,
    longestPieceSeconds: 1,
    readsAhead: false,
  });
  const settings = { grammar: resolveGrammar(vocabulary), decoder: 'joint' as const };
  const open = () => recognizer.open({ sampleRate: features.sampleRate, attention: 'binned', begin: { settings } });
  return {
    model: modelOf(engine),
    async *hear(chunks) {
      for await (const event of streamEvents(open, chunks)) yield messageOf(event);
    },
  };
}

/** What a server would tell of an event: what the panels show. */
function messageOf(event: RecognitionEvent): EventMessage {
  if (event.type === 'attention') throw new TypeError('Expected attention in bins, got it by vectors'); // not asked for
  return event.type === 'partial' || event.type === 'memory' ? replaceableMessage(event) : numberedMessage(event, 0);
}

function modelOf({ config, secondsPerVector }: Engine): ConsoleModel {
  const { vocabulary, memory, features, name } = config;
  return {
    id: name,
    sampleRate: features.sampleRate,
    grammars: Object.keys(vocabulary.grammars),
    defaultGrammar: vocabulary.defaultGrammar,
    words: vocabulary.labels,
    memory,
    secondsPerVector,
  };
}
