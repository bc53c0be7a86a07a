import { emptyMemory, type MemoryState } from '../memory/state.ts';
import type { EndpointingChoice } from '../search/endpoint-rules.ts';
import type { HostArrays } from '../tensor/host-array.ts';
import type { Grammar } from '../text/vocabulary.ts';
import type { AudioState } from './audio-front.ts';
import type { Engine } from './engine.ts';
import type { DecoderChoice } from './settle-utterance.ts';
import { createUtteranceSearch, type UtteranceSearch, type UtteranceSearchState } from './utterance-search.ts';

/** How a stream is listened to, from its first sample to its last. */
export type StreamSettings = {
  /** What may be said. */ readonly grammar: Grammar;
  /** Who settles utterances. */ readonly decoder: DecoderChoice;
  /** When they end; default `DEFAULT_ENDPOINTING`. */ readonly endpointing?: EndpointingChoice | undefined;
};

/**
 * A stream as a value: plain data, never changed once made, so an old state may be kept and advanced again. Its size
 * depends on N, the vectors so far, as O(log N), and on the utterance under way, which is at most the longest.
 */
export type StreamState = {
  readonly settings: StreamSettings;
  readonly audio: AudioState;
  /** The encoder's `state.*` arrays, `[1, ...]`. */ readonly encoder: HostArrays;
  readonly memory: MemoryState;
  readonly search: UtteranceSearchState;
  /** Labels of the last partial event of the utterance under way. */ readonly shown: readonly number[];
};

/** A stream of which nothing was heard yet. */
export function startStream(engine: Engine, settings: StreamSettings): StreamState {
  return {
    settings,
    audio: engine.front.start(),
    encoder: engine.encoderStart,
    memory: emptyMemory(),
    search: openSearch(engine, settings).snapshot(),
    shown: [],
  };
}

/** The search of a stream with these settings, at its start or going on from `state`. */
export function openSearch(
  engine: Engine,
  { grammar, endpointing }: StreamSettings,
  state?: UtteranceSearchState,
): UtteranceSearch {
  const labelCount = engine.config.vocabulary.labels.length;
  return createUtteranceSearch(
    { vectorMs: engine.secondsPerVector * 1000, labelCount, allowed: grammar.allowed, endpointing },
    state,
  );
}
