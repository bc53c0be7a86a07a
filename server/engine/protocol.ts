/** What the main thread and the engine's thread say to each other. Plain data: it is cloned, samples are moved. */
import type { StreamingDevice } from '../../src/backend/model-executor.ts';
import type { ErrorCode } from '../../src/error-codes.ts';
import { HearkenError } from '../../src/errors.ts';
import type { ScheduleConfig } from '../../src/memory/schedule.ts';
import type { EndpointingChoice } from '../../src/model/decoding.ts';
import type { BatchFigures } from '../../src/recognizer/batched-recognizer.ts';
import type { RecognitionEvent } from '../../src/recognizer/events.ts';
import type { StreamSnapshot } from '../../src/recognizer/recognizer.ts';
import type { StreamSamples } from '../../src/recognizer/request-queue.ts';
import type { Vocabulary } from '../../src/text/vocabulary.ts';
import type { AnswersEvent } from '../../src/tokens/recognizer.ts';
import type { StreamGrammar } from './stream-grammar.ts';

/** A model by the name that clients use, and its folder. */
export type ModelSource = { readonly id: string; readonly folder: string };

/** Data that the engine's thread is started with. */
export type EngineThreadData = {
  readonly models: readonly ModelSource[];
  readonly maximumBatch: number;
  readonly maximumWaitMs: number;
  /** What computes; default `cpu`, of token models that were not exported `tfjs`. */
  readonly device: StreamingDevice | undefined;
};

/** What computes a model, for example `onnx-cpu`, and why, where `auto` chose. */
export type ServedBy = { readonly device: string; readonly deviceReason: string | undefined };

export type ServedModel = ServedBy & {
  readonly kind: 'speech';
  readonly id: string;
  /** `Engine.fingerprint`: changes with whatever the model computes by. */ readonly version: string;
  /** The model's own. */ readonly name: string;
  /** BCP 47 tag, for example `en`. */ readonly language: string;
  /** Sample rate in Hz that the model works at; audio of other rates is converted. */ readonly sampleRate: number;
  readonly vocabulary: Vocabulary;
  /** When utterances end, for clients that do not choose. */ readonly endpointing: EndpointingChoice;
  /** The sizes that say which summaries exist, and the seconds of one vector. */
  readonly memory: ScheduleConfig;
  readonly secondsPerVector: number;
};

export type ServedTokenModel = ServedBy & {
  readonly kind: 'tokens';
  readonly id: string;
  /** `TokenEngine.fingerprint`, as above. */ readonly version: string;
  /** Tokens 0 to this less 1 may come. */ readonly alphabetSize: number;
  readonly labelCount: number;
};

export type AnyServedModel = ServedModel | ServedTokenModel;

export type StreamEvent = RecognitionEvent | AnswersEvent;

export type { AnswersEvent, StreamSnapshot };

export type OpenStream = {
  readonly model: string;
  /** Sample rate of the samples in Hz, a whole number in 4000..768000. */ readonly sampleRate: number;
  readonly grammar: StreamGrammar;
  /** When utterances end. Default: the model's own. */ readonly endpointing?: EndpointingChoice | undefined;
  /** Whether it tells what its words rest on, in bins. */ readonly attention?: boolean | undefined;
  /** Snapshot of another stream to go on from. */ readonly from?: StreamSnapshot | undefined;
};

export type OpenTokens = {
  readonly model: string;
  /** Snapshot of another stream to go on from. */ readonly from?: StreamSnapshot | undefined;
};

/** Opens a stream of the model in this version, which is served or was a moment ago. */
export type OpenMessage = { readonly stream: number; readonly version: string } & (
  | ({ readonly type: 'open' } & OpenStream)
  | ({ readonly type: 'openTokens' } & OpenTokens)
);

/**
 * A message to the engine's thread. `request` numbers what will be answered; streams and requests are numbered by the
 * sender.
 */
export type ToEngine =
  | OpenMessage
  | { readonly type: 'push'; readonly stream: number; readonly request: number; readonly samples: StreamSamples }
  | { readonly type: 'flush' | 'snapshot'; readonly stream: number; readonly request: number }
  | { readonly type: 'close'; readonly stream: number }
  | { readonly type: 'reload'; readonly request: number }
  /** No more streams of this version will be opened. */
  | { readonly type: 'retire'; readonly model: string; readonly version: string }
  /** The thread ends itself, after the batch that it computes. */
  | { readonly type: 'end' };

/** A message to the engine's thread that is answered. */
export type Question = Extract<ToEngine, { readonly request: number }>;
/** A request to one stream. */
export type StreamQuestion = Extract<Question, { readonly stream: number }>;

export type Answer =
  | { readonly request: number; readonly events: readonly StreamEvent[] }
  | { readonly request: number; readonly snapshot: StreamSnapshot }
  | { readonly request: number; readonly reloaded: readonly Reloaded[] }
  | { readonly request: number; readonly failure: Failure };

/** The outcome of loading a model again; where the new one is refused, the old one is kept. */
export type Reloaded = { readonly id: string } & (
  | { readonly outcome: 'changed'; readonly model: AnyServedModel }
  | { readonly outcome: 'unchanged' }
  | { readonly outcome: 'refused'; readonly failure: Failure }
);

/** An error on its way between threads. */
type Failure = { readonly code: ErrorCode; readonly message: string };

/** Figures of one batch, and the model that computed it. */
export type BatchReport = BatchFigures & { readonly model: string };

/** A message from the engine's thread. */
export type FromEngine =
  | { readonly type: 'loaded'; readonly models: readonly AnyServedModel[] }
  | { readonly type: 'refused'; readonly failure: Failure }
  /** The last stream of a retired version has ended. */
  | { readonly type: 'freed'; readonly model: string; readonly version: string }
  | { readonly type: 'answers'; readonly answers: readonly Answer[]; readonly batch?: BatchReport };

/** Errors that are not ours keep their words but get the code of a bug. */
export function toFailure(error: unknown): Failure {
  if (error instanceof HearkenError) return { code: error.code, message: error.message };
  return { code: 'engine/failed', message: error instanceof Error ? error.message : String(error) };
}

export function fromFailure({ code, message }: Failure): HearkenError {
  return new HearkenError(code, message);
}
