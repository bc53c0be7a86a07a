import type { Observable } from 'rxjs';

import {
  type ClientErrorCode,
  type ClientStream,
  connect,
  type ConnectOptions,
  type EventMessage,
  StreamError,
} from '../client/index.ts';
import { WebSocket } from '../server/websockets.ts';
import type { HearkenError } from '../src/index.ts';
import { exchange, fileBytes, pull, PullObservable, standardInput, watch, writeTo } from '../streams/index.ts';
import { syncOperator } from '../streams/operator.ts';
import { answerLines } from './answer-lines.ts';
import { attentionLines } from './attention-lines.ts';
import { readMicrophone } from './microphone.ts';
import { printable } from './printable.ts';
import { openRecording, type RecordingOptions } from './recording.ts';
import { report } from './report-failure.ts';
import { readTokens } from './token-input.ts';
import { textWriter } from './transcript/text.ts';
import { UsageError } from './usage-error.ts';

/** `tokens` is a file too, or `-`. */
export type ListenSource = 'microphone' | { readonly tokens: string } | ({ readonly file: string } & RecordingOptions);

export type ListenOptions = {
  readonly url: string;
  /** The most failed tries to come back, in a row. */ readonly tries?: number;
  /** Seconds without a word from the server after which the connection counts as lost. */ readonly lostAfter?: number;
  readonly model?: string;
  readonly grammar?: string;
  readonly apiKey?: string;
  readonly json?: true;
  readonly attention?: true;
};

/** Sample rate in Hz of the audio that is sent; the server converts to the rate of its model. */
const SAMPLE_RATE = 16_000;

/** The command-line option behind each error that the client throws before it connects. */
const OPTION_OF: ReadonlyMap<string, string> = new Map<string, string>([
  ['client/url', '--url'],
  ['client/api-key', '--api-key'],
] satisfies [ClientErrorCode, string][]);

/** Sends `source` and prints what comes back, until both have ended. */
export async function listenToServer(source: ListenSource, options: ListenOptions, signal: AbortSignal): Promise<void> {
  const { json } = options;
  const started = performance.now();
  let sentBytes = 0;
  let damage: HearkenError | undefined;
  const onDamage = (error: HearkenError): void => {
    damage = error;
  };
  const bytes = bytesOf(source, signal, onDamage).pipe(
    watch(({ length }) => {
      sentBytes += length;
    }),
  );
  const events = bytes.pipe(exchange(() => openStream(source, options, signal)));
  const isEndedBySignal = source !== 'microphone'; // of a microphone the end of its sound is waited for: Ctrl-C is how it ends
  const text = syncOperator(() => (json ? (event: EventMessage) => [`${JSON.stringify(event)}\n`] : createTextOf()));
  await writeTo(events.pipe(text), process.stdout, isEndedBySignal ? signal : undefined);
  const sent = isOfTokens(source)
    ? `${sentBytes / 4} tokens`
    : `${(sentBytes / 2 / SAMPLE_RATE).toFixed(1)} s of audio`;
  const seconds = (performance.now() - started) / 1_000;
  if (!json) process.stderr.write(`${sent} in ${seconds.toFixed(1)} s\n`);
  if (damage !== undefined) throw damage; // once the words before it have come
}

/** Opens the stream. Throws a usage error where an option is at fault. */
function openStream(
  source: ListenSource,
  { url, model, grammar, apiKey, attention, tries, lostAfter }: ListenOptions,
  signal: AbortSignal,
): ClientStream {
  let wasOpen = false;
  const options: ConnectOptions = {
    ...(isOfTokens(source)
      ? { encoding: 'i32le', model }
      : {
          encoding: 's16le',
          sampleRate: SAMPLE_RATE,
          model,
          attention,
          grammar: grammar?.includes(',') ? grammar.split(',').map((word) => word.trim()) : grammar,
        }),
    WebSocket,
    apiKey,
    signal: source === 'microphone' ? undefined : signal,
    tries,
    lostAfterMs: lostAfter === undefined ? undefined : 1_000 * lostAfter,
    onState: (state, reason) => {
      if (state === 'lost') {
        process.stderr.write(
          `hearken: ${wasOpen ? 'connection lost' : 'no connection'}${reason ? ` (${reason})` : ''}, trying again\n`,
        );
      }
      wasOpen ||= state === 'open';
    },
    onWarning: ({ message }) => report(`the server goes on with a warning: ${message}`),
  };
  try {
    return connect(url, options);
  } catch (error) {
    if (!(error instanceof StreamError)) throw error;
    throw new UsageError(`${OPTION_OF.get(error.code) ?? 'listen'}: ${error.message}`, { cause: error });
  }
}

function isOfTokens(source: ListenSource): source is { readonly tokens: string } {
  return typeof source === 'object' && 'tokens' in source;
}

/**
 * The bytes to send: 16-bit samples, or 32-bit ids of tokens. A signal ends the microphone's sound properly, and breaks
 * off any other source.
 */
function bytesOf(
  source: ListenSource,
  signal: AbortSignal,
  onDamage: (damage: HearkenError) => void,
): Observable<Uint8Array> {
  if (source === 'microphone') {
    return new PullObservable((over) => wholeSamples(readMicrophone(AbortSignal.any([signal, over]))));
  }
  if (isOfTokens(source)) {
    const text = source.tokens === '-' ? standardInput() : fileBytes(source.tokens);
    return new PullObservable((over) => readTokens(text.pull(over))).pipe(
      syncOperator(() => (tokens) => [toInt32(tokens)]),
    );
  }
  return new PullObservable((over) => recordingBytes(source, over, onDamage));
}

/** The samples of a recording; what is wrong with it is told once they have come. */
async function* recordingBytes(
  source: { readonly file: string } & RecordingOptions,
  signal: AbortSignal,
  onDamage: (damage: HearkenError) => void,
): AsyncGenerator<Uint8Array, void, undefined> {
  const { sound, damage, warnings } = await openRecording(source.file, SAMPLE_RATE, source);
  if (!('samples' in sound)) throw new UsageError('Expected --channel of one channel, got each');
  for await (const samples of pull(sound.samples, signal)) yield toInt16(samples);
  for (const { message, code } of warnings()) {
    process.stderr.write(`hearken: warning: ${printable(source.file)}: ${message} (${code})\n`);
  }
  const found = damage();
  if (found !== undefined) onDamage(found);
}

/** The bytes in pieces of an even number. */
async function* wholeSamples(pieces: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  let rest = new Uint8Array(0);
  for await (const piece of pieces) {
    const bytes = Buffer.concat([rest, piece]);
    const length = bytes.length - (bytes.length % 2);
    rest = Uint8Array.from(bytes.subarray(length));
    if (length > 0) yield bytes.subarray(0, length);
  }
}

function toInt16(samples: Float32Array): Uint8Array {
  const bytes = Buffer.alloc(2 * samples.length);
  for (const [index, sample] of samples.entries()) {
    bytes.writeInt16LE(Math.max(-32_768, Math.min(32_767, Math.round(sample * 32_768))), 2 * index);
  }
  return bytes;
}

function toInt32(tokens: Int32Array): Uint8Array {
  const bytes = Buffer.alloc(4 * tokens.length);
  for (const [index, token] of tokens.entries()) bytes.writeInt32LE(token, 4 * index);
  return bytes;
}

/** Makes the function that gives an event's lines for people; partials pass by on a terminal. */
function createTextOf(): (event: EventMessage) => string[] {
  let text = '';
  const writer = textWriter((more) => {
    text += more;
  });
  return (event) => {
    text = '';
    if (event.type === 'final') writer.words(event.words);
    if (event.type === 'answers') text = answerLines(event);
    if (event.type === 'attention') text = attentionLines(event);
    if (event.type === 'partial' && process.stderr.isTTY) process.stderr.write(`\r\u001B[K${printable(event.text)}\r`);
    return text === '' ? [] : [text];
  };
}
