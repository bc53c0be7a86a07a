/** What the page knows of the stream, as a value, and how each happening changes it. */
import type {
  AlternativeMessage,
  ConnectionState,
  EventMessage,
  MemoryMessage,
  WordAttentionMessage,
  WordMessage,
} from '../client/index.ts';
import type { Problem } from './problem.ts';

export type Activity = 'idle' | 'opening' | 'listening' | 'settling' | 'done';

/** A settled utterance; times in seconds of the stream. */
export type ShownUtterance = {
  readonly start: number;
  readonly end: number;
  readonly words: readonly WordMessage[];
  /** The code that it is; only where codes are heard. */ readonly code?: ShownCode;
  /** Attention of the utterance's words; it comes after them. */ readonly attention?: UtteranceAttention;
};

/** A code as it is written. */
export type ShownCode = {
  readonly written: string;
  readonly complete: boolean;
  readonly valid: boolean;
  /** The answer, then what else it may be. */ readonly alternatives: readonly AlternativeMessage[];
};

/** Shares of each word's attention over the bins between `edges`, which are in seconds. */
export type UtteranceAttention = {
  readonly edges: readonly number[];
  readonly words: readonly WordAttentionMessage[];
};

/** One word of the settled ones. */
export type WordPlace = { readonly utterance: number; readonly word: number };

/** A lost connection and its return. */
export type Outage = {
  /** Seconds of audio sent when the connection was lost. */ readonly sentSeconds: number;
  readonly lostAt: number;
  /** Reason as the client gives it; empty where it does not know. */ readonly reason: string;
  /** Once it came back: seconds without it, and where the audio went on. */
  readonly resumed?: { readonly afterSeconds: number; readonly fromSeconds: number; readonly againSeconds: number };
};

export type ConsoleState = {
  readonly activity: Activity;
  /** Name of the source, for people. */ readonly source: string;
  readonly problem: Problem | undefined;
  readonly connection: ConnectionState | 'connecting' | 'none';
  /** Seconds of audio given to the client; `ackedSeconds` are those that the server has made durable. */
  readonly sentSeconds: number;
  readonly durableSeconds: number;
  readonly outages: readonly Outage[];
  readonly utterances: readonly ShownUtterance[];
  readonly partial: readonly WordMessage[];
  /** The code of the utterance under way, as far as it was said. */ readonly partialCode:
    | Pick<ShownCode, 'written' | 'complete'>
    | undefined;
  /** The latest picture of the memory. */ readonly memory: MemoryMessage | undefined;
  /** Seconds from the end of the newest word to its arrival; only for audio at the speed of speech. */
  readonly delaySeconds: number | undefined;
  readonly selected: WordPlace | undefined;
};

export type Action =
  | { readonly type: 'listening'; readonly source: string }
  | { readonly type: 'opening' | 'settling' | 'done' }
  | { readonly type: 'failed'; readonly problem: Problem }
  | { readonly type: 'connection'; readonly state: ConnectionState; readonly reason: string; readonly at: number }
  | { readonly type: 'resumed'; readonly fromSeconds: number; readonly at: number }
  | { readonly type: 'sent' | 'acked'; readonly seconds: number }
  | { readonly type: 'event'; readonly event: EventMessage; readonly spokenSeconds: number | undefined }
  | { readonly type: 'select'; readonly place: WordPlace | undefined }
  | { readonly type: 'dismiss' };

export const INITIAL_STATE: ConsoleState = {
  activity: 'idle',
  source: '',
  problem: undefined,
  connection: 'none',
  sentSeconds: 0,
  durableSeconds: 0,
  outages: [],
  utterances: [],
  partial: [],
  partialCode: undefined,
  memory: undefined,
  delaySeconds: undefined,
  selected: undefined,
};

export function reduce(state: ConsoleState, action: Action): ConsoleState {
  switch (action.type) {
    case 'opening': // may fail, as where a microphone is denied: what was heard before stays until there is something new
      return { ...state, activity: 'opening', problem: undefined };
    case 'listening':
      return { ...INITIAL_STATE, activity: 'listening', connection: 'connecting', source: action.source };
    case 'settling':
      return { ...state, activity: 'settling' };
    case 'done':
      return { ...state, activity: 'done', connection: 'none' };
    case 'failed':
      return {
        ...state,
        activity: state.utterances.length > 0 ? 'done' : 'idle',
        connection: 'none',
        problem: action.problem,
      };
    case 'connection':
      return withConnection(state, action);
    case 'resumed':
      return withResumption(state, action);
    case 'sent':
      return { ...state, sentSeconds: action.seconds };
    case 'acked':
      return { ...state, durableSeconds: Math.max(state.durableSeconds, action.seconds) };
    case 'event':
      return withEvent(state, action.event, action.spokenSeconds);
    case 'select':
      return { ...state, selected: action.place };
    case 'dismiss':
      return { ...state, problem: undefined };
    default:
      return action satisfies never;
  }
}

function withConnection(
  state: ConsoleState,
  { state: connection, reason, at }: Action & { type: 'connection' },
): ConsoleState {
  const isNewLoss = connection === 'lost' && state.connection !== 'lost';
  const outages = isNewLoss
    ? [...state.outages, { sentSeconds: state.sentSeconds, lostAt: at, reason }]
    : state.outages;
  return { ...state, connection, outages };
}

function withResumption(state: ConsoleState, { fromSeconds, at }: Action & { type: 'resumed' }): ConsoleState {
  const last = state.outages.at(-1);
  if (last === undefined) return state;
  const resumed = {
    afterSeconds: (at - last.lostAt) / 1000,
    fromSeconds,
    againSeconds: state.sentSeconds - fromSeconds,
  };
  return { ...state, outages: [...state.outages.slice(0, -1), { ...last, resumed }] };
}

function withEvent(state: ConsoleState, event: EventMessage, spokenSeconds: number | undefined): ConsoleState {
  switch (event.type) {
    case 'partial': {
      const newest = event.words.at(-1);
      const isNew = event.words.length > state.partial.length;
      const isTimed = newest !== undefined && spokenSeconds !== undefined && isNew;
      const delaySeconds = isTimed ? Math.max(0, spokenSeconds - newest.end) : state.delaySeconds;
      const { written, complete = false } = event;
      const partialCode = written === undefined || written === '' ? undefined : { written, complete };
      return { ...state, partial: event.words, partialCode, delaySeconds };
    }
    case 'final': {
      const { start, end, words, written, complete = false, valid = false, alternatives = [] } = event;
      const code = written === undefined ? {} : { code: { written, complete, valid, alternatives } };
      const utterances = words.length === 0 ? state.utterances : [...state.utterances, { start, end, words, ...code }];
      return { ...state, partial: [], partialCode: undefined, utterances };
    }
    case 'attention': {
      const { edges, words } = event;
      const last = state.utterances.at(-1);
      const utterances = last && [...state.utterances.slice(0, -1), { ...last, attention: { edges, words } }];
      return { ...state, utterances: utterances ?? state.utterances };
    }
    case 'memory':
      return { ...state, memory: event };
    case 'endpoint':
    case 'no-input': // of grammars that state a time, which the page has none of
    case 'answers': // of streams of tokens, which the page does not open
      return state;
    default:
      return state; // a newer server's message
  }
}

/** The word at a place, where there is one. */
export function wordAt(state: ConsoleState, place: WordPlace | undefined): WordMessage | undefined {
  return place && state.utterances[place.utterance]?.words[place.word];
}

/** Attention of the word at a place, once it has come. */
export function attentionOf(
  utterances: readonly ShownUtterance[],
  place: WordPlace | undefined,
): { readonly edges: readonly number[]; readonly word: WordAttentionMessage } | undefined {
  const attention = place && utterances[place.utterance]?.attention;
  const word = place && attention?.words[place.word];
  return attention && word && { edges: attention.edges, word };
}
