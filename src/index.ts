/**
 * The engine: load a model, listen to streams, transcribe recordings.
 *
 * ```ts
 * await using model = await loadModel('models/codes-en', { device: 'cpu' });
 * for await (const event of model.stream(pcmChunks)) {
 *   if (event.type === 'final') console.log(event.text, event.start, event.end);
 * }
 * const { text, words } = await model.transcribe('file.wav');
 * ```
 */
export type { ChannelOption } from './audio/channels.ts';
export type { ErrorCode } from './error-codes.ts';
export { HearkenError } from './errors.ts';
export type { CheckName } from './grammar/check-digits.ts';
export type { CodeList } from './grammar/code-list.ts';
export type { Lexicon } from './grammar/lexicon.ts';
export type { PhraseForm } from './grammar/phone-grammar.ts';
export { codeListOf } from './grammar/code-list.ts';
export type { GrammarChoice } from './grammar/grammar-choice.ts';
export type { BoostForm, CodeForm, GrammarForm, GrxmlForm, JsgfForm, PhraseListForm } from './grammar/grammar-form.ts';
export type { Phrase } from './grammar/phrases.ts';
export type {
  AttentionEvent,
  BinnedAttentionEvent,
  BinnedWordAttention,
  EndpointEvent,
  FinalEvent,
  MemoryEvent,
  NoInputEvent,
  PartialEvent,
  RecognitionEvent,
  RootAttention,
  WordAttention,
  WrittenCode,
} from './recognizer/events.ts';
export { waysToSay } from './lexicon/english-phones.ts';
export { pronounce } from './lexicon/pronounce.ts';
export type { Encoding } from './recognizer/stream.ts';
export type { StreamingDevice } from './backend/model-executor.ts';
export { loadTokenModel } from './tokens/model.ts';
export type {
  DecodeOptions,
  EncodeOptions,
  LoadModelOptions,
  Model,
  ModelStream,
  OpenOptions,
  RecognizeOptions,
  StreamOptions,
} from './recognizer/model.ts';
export { loadModel } from './recognizer/model.ts';
export type { Recognizer, RecognizerStream, StreamSnapshot } from './recognizer/recognizer.ts';
export type { Recognition } from './recognizer/recognize-utterance.ts';
export type { DecoderChoice } from './recognizer/rescoring.ts';
export type { AudioChunks } from './recognizer/stream.ts';
export type { AnswersEvent, OpenTokensOptions } from './tokens/recognizer.ts';
export type { LoadTokenModelOptions, TokenChunks, TokenModel } from './tokens/model.ts';
export type { TokenEncoding } from './tokens/stream.ts';
export type {
  Notice,
  TranscribedCode,
  Transcript,
  TranscribeOptions,
  TranscribeSource,
} from './recognizer/transcribe.ts';
export type { DecodeSequenceOptions, Hypothesis, SequenceModel } from './sequence/model.ts';
export type { SequenceAnswer } from './sequence/conclude.ts';
export type { OpenSequenceOptions, SequenceEvent } from './sequence/recognizer.ts';
export type { LoadSequenceModelOptions } from './sequence/load-model.ts';
export { loadSequenceModel } from './sequence/load-model.ts';
export type { SequenceInput } from './sequence/ids.ts';
export type { Picture } from './sequence/picture.ts';
export type { Word } from './text/word.ts';
export type { Grammar, GrammarEntry, Vocabulary } from './text/vocabulary.ts';
