import {
  aGrammar,
  aRate,
  aSignal,
  type Checks,
  assertOptions,
  filePath,
  oneOf,
  typed,
  wrongType,
} from '../arguments.ts';
import type { ByteSource } from '../audio/byte-stream.ts';
import { type ChannelOption, indexedChannel } from '../audio/channels.ts';
import { decodeChannels, readAudio } from '../audio/read-audio.ts';
import { resample } from '../audio/resample.ts';
import type { ErrorCode } from '../error-codes.ts';
import { HearkenError } from '../errors.ts';
import type { Word } from '../text/word.ts';
import type { FinalEvent, RecognitionEvent, WrittenCode } from './events.ts';
import type { Model, StreamOptions } from './model.ts';
import { DECODERS } from './rescoring.ts';
import { abortable } from './abortable.ts';
import { eachChannel } from './channels.ts';
import { streamEvents } from './stream.ts';

export type TranscribeOptions = Omit<StreamOptions, 'attention' | 'sampleRate'> & {
  /** Sample rate in Hz where the source is samples; default the model's rate. Recordings state their own. */
  readonly sampleRate?: number;
  /**
   * Which channels of a recording with several to transcribe: one of them, each for itself (words say theirs), or their
   * mean, `mix`, the default. `each` takes at most 16 channels.
   */
  readonly channel?: ChannelOption;
};

/** The path or `file:` URL of a recording, the bytes of one, or samples of one channel in -1..1. */
export type TranscribeSource = string | URL | Uint8Array | ArrayBuffer | Float32Array;

const CHECKS: Checks<TranscribeOptions> = {
  sampleRate: aRate,
  channel: (name, value) => {
    if (typeof value !== 'number') return oneOf('mix', 'each', 'left', 'right')(name, value);
    return typed('a whole number from 0', () => Number.isInteger(value) && value >= 0)(name, value);
  },
  grammar: aGrammar,
  decoder: oneOf(...DECODERS),
  signal: aSignal,
};

/** What is found out about a recording while it is read. */
type Findings = {
  /** Samples read so far of one channel, at `sampleRate`. */ samples: number;
  sampleRate: number;
  channelCount?: number;
  incomplete?: Notice;
  readonly warnings: Notice[];
};

/** The part of a model that transcription needs. */
type Listener = Pick<Model, 'sampleRate' | 'stream' | 'open'>;

/** Transcribes a recording: the implementation of `Model.transcribe`. */
export async function transcribe(
  model: Listener,
  source: TranscribeSource,
  options: TranscribeOptions = {},
): Promise<Transcript> {
  assertOptions('transcribe', options, CHECKS);
  const started = performance.now();
  const findings: Findings = { samples: 0, sampleRate: model.sampleRate, warnings: [] };
  const words: Word[] = [];
  const codes: TranscribedCode[] = [];
  for await (const { channel, event } of eventsOf(model, source, options, findings)) {
    if (event.type !== 'final') continue;
    codes.push(...codeOf(event, channel));
    words.push(...(channel === undefined ? event.words : event.words.map((word) => ({ ...word, channel }))));
  }
  const { samples, channelCount, incomplete, warnings } = findings;
  const durationSeconds = samples / findings.sampleRate;
  const elapsed = (performance.now() - started) / 1000;
  return {
    text: textOf(words, channelCount),
    words: channelCount === undefined ? words : inOrder(words),
    durationSeconds,
    realTimeFactor: durationSeconds === 0 ? 0 : elapsed / durationSeconds,
    ...(codes.length > 0 && { codes: codes.toSorted((a, b) => a.start - b.start) }),
    ...(incomplete !== undefined && { incomplete }),
    ...(warnings.length > 0 && { warnings }),
  };
}

type Events = AsyncIterable<{ readonly channel?: number; readonly event: RecognitionEvent }>;

function eventsOf(model: Listener, source: TranscribeSource, options: TranscribeOptions, findings: Findings): Events {
  const { sampleRate, channel = 'mix', ...streaming } = options;
  const { sampleRate: outputRate } = model;
  if (source instanceof Float32Array) {
    if (options.channel !== undefined) throw unused('channel', 'a recording', 'samples, which are one channel');
    const samples = finite(source, findings);
    findings.samples = samples.length;
    findings.sampleRate = sampleRate ?? outputRate;
    const resampled = resample(samples, { inputRate: findings.sampleRate, outputRate });
    return alone(model.stream([resampled], streaming));
  }
  if (sampleRate !== undefined) throw unused('sampleRate', 'samples', 'a recording, which knows its own');
  const recording = recordingOf(source);
  const onDamage = (damage: HearkenError): void => {
    findings.incomplete = noticeOf(damage);
  };
  const chosen = indexedChannel(channel);
  if (chosen === 'each') {
    const pieces = watched(decodeChannels(recording, { onDamage }), ({ sampleRate: rate, channels }) => {
      findings.channelCount = channels.length;
      findings.samples += channels[0]?.length ?? 0;
      findings.sampleRate = rate;
    });
    return streamEvents(() => eachChannel(model).open(streaming), abortable(pieces, streaming.signal));
  }
  const onWarning = (warning: HearkenError): void => void findings.warnings.push(noticeOf(warning));
  const chunks = readAudio(recording, { sampleRate: outputRate, channel: chosen, onDamage, onWarning });
  const counted = watched(chunks, ({ length }) => {
    findings.samples += length;
  });
  return alone(model.stream(counted, streaming));
}

/** The path or the bytes of a recording. Throws `option/type` where `source` is neither. */
function recordingOf(source: Exclude<TranscribeSource, Float32Array>): string | ByteSource {
  if (source instanceof ArrayBuffer) return [new Uint8Array(source)];
  if (source instanceof Uint8Array) return [source];
  if (typeof source === 'string' || source instanceof URL) return filePath('source', source);
  const expected = 'a path, a file: URL, the bytes of a recording (Uint8Array), or samples in -1..1 (Float32Array)';
  throw wrongType('source', expected, source);
}

/** The samples before the first that is no number, if there are any. */
function finite(samples: Float32Array, findings: Findings): Float32Array {
  const end = samples.findIndex((sample) => !Number.isFinite(sample));
  if (end <= 0) return samples;
  const message = `Expected finite samples, got ${samples[end]} at index ${end}`;
  findings.incomplete = { code: 'audio/non-finite-sample', message };
  return samples.subarray(0, end);
}

async function* alone(events: AsyncIterable<RecognitionEvent>): Events {
  for await (const event of events) yield { event };
}

async function* watched<T>(pieces: AsyncIterable<T>, onPiece: (piece: T) => void): AsyncGenerator<T> {
  for await (const piece of pieces) {
    onPiece(piece);
    yield piece;
  }
}

function noticeOf({ code, message }: HearkenError): Notice {
  return { code, message };
}

function unused(name: string, use: string, got: string): HearkenError {
  return new HearkenError('option/unused', `Expected \`${name}\` with ${use} only, got it with ${got}`);
}

/** Something about a recording that its hearer should know: a stable code, and a sentence for people. */
export type Notice = { readonly code: ErrorCode; readonly message: string };

/** A code that was said in a recording: an utterance each. */
export type TranscribedCode = Pick<WrittenCode, 'written' | 'text' | 'complete' | 'valid'> & {
  /** Start of its utterance, in seconds from the start of the recording. */ readonly start: number;
  readonly end: number;
  /** Probability that the whole code is right, 0 to 1: that all its words are, each for itself. */ readonly confidence: number;
  /** What may have been said: the answer, then the others, the likeliest first. */ readonly alternatives: readonly WrittenCode[];
  /** Channel of the recording, from 0; only where each channel was transcribed for itself. */ readonly channel?: number;
};

/** The code of a final, if it is of a grammar of codes and anything was said. */
export function codeOf(event: FinalEvent, channel?: number): TranscribedCode[] {
  const { text, words, written, complete = false, valid = false, alternatives = [], start, end } = event;
  if (written === undefined || words.length === 0) return [];
  const confidence = words.reduce((product, word) => product * word.confidence, 1);
  return [
    { written, text, complete, valid, start, end, confidence, alternatives, ...(channel !== undefined && { channel }) },
  ];
}

export type Transcript = {
  /** The words, separated by spaces; where each channel was transcribed for itself, one line a channel. */
  readonly text: string;
  /** The words in the order in which they begin, with times in seconds from the start of the recording. */
  readonly words: readonly Word[];
  readonly durationSeconds: number;
  /** The codes that were said, an utterance each; only where the grammar is one of codes and any was heard. */
  readonly codes?: readonly TranscribedCode[];
  /** Seconds of work for each second of audio: 0.02 is fifty times as fast as it was spoken. */
  readonly realTimeFactor: number;
  /** Why words may be missing: the recording is cut short or broken, and this is what was recognized before. */
  readonly incomplete?: Notice;
  /**
   * What may have been recognized wrongly, and why: `audio/cancelled` where mixing the channels left next to nothing.
   */
  readonly warnings?: readonly Notice[];
};

/** `words` in the order in which they begin; those of one channel keep their order. */
export function inOrder(words: readonly Word[]): Word[] {
  return words.toSorted((a, b) => a.start - b.start);
}

/**
 * The words, separated by spaces; where they are of `channelCount` channels transcribed each for itself, one line a
 * channel.
 */
export function textOf(words: readonly Word[], channelCount?: number): string {
  const line = (some: readonly Word[]): string => some.map(({ word }) => word).join(' ');
  if (channelCount === undefined) return line(words);
  const lines = Array.from({ length: channelCount }, (_, index) =>
    line(words.filter(({ channel }) => channel === index)),
  );
  return lines.join('\n');
}
