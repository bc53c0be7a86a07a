import { createReadStream } from 'node:fs';
import { addAbortSignal } from 'node:stream';

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
import { answerLines } from './answer-lines.ts';
import { attentionLines } from './attention-lines.ts';
import { readMicrophone } from './microphone.ts';
import { printable } from './printable.ts';
import { openRecording, type RecordingOptions } from './recording.ts';
import { tell } from './report-failure.ts';
import { readTokens } from './token-input.ts';
import { textWriter } from './transcript/text.ts';
import { UsageError } from './usage-error.ts';

/** `tokens` is a file too, or `-`. */
export type ListenSource = 'microphone' | { readonly tokens: string } | ({ readonly file: string } & RecordingOptions);

export type ListenOptions = {
  readonly url: string;
  /** In vain, in a row. */ readonly tries?: number;
  /** Seconds without a word from the server. */ readonly lostAfter?: number;
  readonly model?: string;
  readonly grammar?: string;
  readonly apiKey?: string;
  readonly json?: true;
  readonly attention?: true;
};

/** Hz of what is sent; the server converts to what its model hears. */
const SAMPLE_RATE = 16_000;

/** What the client refuses before it connects, and the option that says it. */
const OPTION_OF: ReadonlyMap<string, string> = new Map<string, string>([
  ['client/url', '--url'],
  ['client/api-key', '--api-key'],
] satisfies [ClientErrorCode, string][]);

/** Sends `source` and prints what comes back, until both have ended. */
export async function listenToServer(source: ListenSource, options: ListenOptions, signal: AbortSignal): Promise<void> {
  const { json } = options;
  const started = performance.now();
  const stream = openStream(source, options, signal);
  let sentBytes = 0;
  const over = new AbortController();
  let damage: HearkenError | undefined;
  const onDamage = (told: HearkenError): void => {
    damage = told;
  };
  const sending = (async () => {
    for await (const bytes of bytesOf(source, AbortSignal.any([signal, over.signal]), onDamage)) {
      sentBytes += bytes.length;
      await stream.send(bytes);
    }
    stream.close();
  })();
  sending.catch(() => void stream.events.return?.()); // told of below
  const print = json ? printJson : createTextPrinter();
  try {
    for await (const event of stream.events) print(event);
  } finally {
    over.abort(); // a source that waits for more would keep the process
  }
  await sending;
  const sent = isOfTokens(source)
    ? `${sentBytes / 4} tokens`
    : `${(sentBytes / 2 / SAMPLE_RATE).toFixed(1)} s of audio`;
  const seconds = (performance.now() - started) / 1_000;
  if (!json) process.stderr.write(`${sent} in ${seconds.toFixed(1)} s\n`);
  if (damage !== undefined) throw damage; // once the words before it have come
}

/** Throws a usage error where an option is at fault. */
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
    // Of a microphone the end of its sound is waited for: Ctrl-C is how it ends.
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
    onWarning: ({ message }) => tell(`the server goes on with a warning: ${message}`),
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

/** 16-bit samples, or 32-bit ids of tokens. Its end, by Ctrl-C too, ends the microphone's stream properly, and breaks off any other. */
async function* bytesOf(
  source: ListenSource,
  signal: AbortSignal,
  onDamage: (damage: HearkenError) => void,
): AsyncGenerator<Uint8Array> {
  if (source === 'microphone') {
    yield* wholeSamples(readMicrophone(signal));
    return;
  }
  const isStandardInput = (isOfTokens(source) ? source.tokens : source.file) === '-';
  if (isStandardInput) addAbortSignal(signal, process.stdin);
  if (isOfTokens(source)) {
    const text = source.tokens === '-' ? process.stdin : createReadStream(source.tokens);
    for await (const tokens of readTokens(text)) {
      signal.throwIfAborted();
      yield toInt32(tokens);
    }
    return;
  }
  const { sound, damage, warnings } = await openRecording(source.file, SAMPLE_RATE, source);
  if (!('samples' in sound)) throw new UsageError('Expected --channel of one channel, got each');
  for await (const samples of sound.samples) {
    signal.throwIfAborted();
    yield toInt16(samples);
  }
  for (const { message, code } of warnings()) {
    process.stderr.write(`hearken: warning: ${printable(source.file)}: ${message} (${code})\n`);
  }
  const found = damage();
  if (found !== undefined) onDamage(found);
}

/** The same bytes in pieces of an even number. */
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

function printJson(event: EventMessage): void {
  process.stdout.write(`${JSON.stringify(event)}\n`);
}

function createTextPrinter(): (event: EventMessage) => void {
  const writer = textWriter((text) => process.stdout.write(text));
  return (event) => {
    if (event.type === 'final') writer.words(event.words);
    if (event.type === 'answers') process.stdout.write(answerLines(event));
    if (event.type === 'attention') process.stdout.write(attentionLines(event));
    if (event.type === 'partial' && process.stderr.isTTY) process.stderr.write(`\r\u001B[K${printable(event.text)}\r`);
  };
}
