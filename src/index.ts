/**
 * The engine: load a model, listen to streams, transcribe recordings.
 *
 * ```ts
 * await using model = await loadModel('models/codes-en', { device: 'cpu' });
 * for await (const event of model.stream(pcmChunks)) {
 *   if (event.type === 'final') console.log(event.text, event.start, event.end);
 * }
 * const { text, words } = await transcribe(model, 'file.wav');
 * ```
 */
export type { ChannelOption } from './audio/channels.ts';
export type { ErrorCode } from './error-codes.ts';
export { HearkenError } from './errors.ts';
export type {
  AttentionEvent,
  BinnedAttentionEvent,
  BinnedWordAttention,
  EndpointEvent,
  FinalEvent,
  MemoryEvent,
  PartialEvent,
  RecognitionEvent,
  RootAttention,
  WordAttention,
} from './runtime/event.ts';
export type { Encoding } from './runtime/encode-stream.ts';
export type { StreamingDevice } from './runtime/load-engine.ts';
export { loadTokenModel } from './runtime/load-token-model.ts';
export type {
  DecodeOptions,
  EncodeOptions,
  GrammarChoice,
  LoadModelOptions,
  Model,
  RecogniseOptions,
  StreamOptions,
} from './runtime/model.ts';
export { loadModel } from './runtime/model.ts';
export type { Recognition } from './runtime/recognise-utterance.ts';
export type { DecoderChoice } from './runtime/settle-utterance.ts';
export type { AudioChunks } from './runtime/stream-chunks.ts';
export type { TokenChunks, TokenModel } from './runtime/token-model.ts';
export type { TokenEncoding } from './runtime/token-stream.ts';
export { type TranscribeOptions, type TranscribeSource, transcribe } from './runtime/transcribe.ts';
export type { Notice, Transcript } from './runtime/transcript.ts';
export type { Word } from './search/word.ts';
export type { Grammar, GrammarEntry, Vocabulary } from './text/vocabulary.ts';
