import { existsSync } from 'node:fs';

import type { Observable } from 'rxjs';

import {
  HearkenError,
  loadModel,
  type GrammarChoice,
  type GrammarForm,
  type Model,
  type Notice,
  type RecognitionEvent,
  type Word,
} from '../src/index.ts';
import { eachChannel, withChannel } from '../src/recognizer/channels.ts';
import { codeOf, inOrder } from '../src/recognizer/transcribe.ts';
import { grammarFromText, phrasesFromText } from '../src/text/vocabulary.ts';
import { pronounce } from '../src/lexicon/pronounce.ts';
import { recognize, watch, writeTo } from '../streams/index.ts';
import { syncOperator } from '../streams/operator.ts';
import { type AttentionRecorder, createAttentionRecorder } from './attention-recorder.ts';
import { tellDevice } from './device-option.ts';
import { printable } from './printable.ts';
import { maskedEvent } from './masked.ts';
import type { OutputFile } from './output-file.ts';
import { createProgress } from './progress.ts';
import { openRecording, type Recording, type Sound } from './recording.ts';
import { report } from './report-failure.ts';
import type { TranscribeCommandOptions } from './transcribe.ts';
import { jsonWriter } from './transcript/json.ts';
import { srtWriter } from './transcript/srt.ts';
import { textWriter } from './transcript/text.ts';
import type { Print, TranscriptSummary, TranscriptWriter } from './transcript/writer.ts';
import { UsageError } from './usage-error.ts';
import { readWordList } from './word-list.ts';

/** Transcribes one recording after the other. One that cannot be read is told of and does not stop the others. */
export async function transcribeFiles(
  files: readonly string[],
  options: FilesOptions,
  signal: AbortSignal,
): Promise<void> {
  await using model = await loadModel(options.model, { device: options.device, signal });
  tellDevice(model);
  const grammar = options.form ?? (await grammarOf(model, options.grammar));
  const printed = createPrinted();
  const writer = openWriter(options, printed.add);
  const failures: HearkenError[] = [];
  for (const file of files) {
    try {
      await transcribeFile(model, file, { ...options, grammar, writer, printed, signal });
    } catch (error) {
      if (!(error instanceof HearkenError)) throw error;
      failures.push(new HearkenError(error.code, `${nameOf(file)}: ${error.message}`, { cause: error }));
    }
  }
  writer.close();
  process.stdout.write(printed.take());
  const [first] = failures;
  if (first === undefined) return;
  if (files.length === 1) throw first;
  for (const { message, code } of failures) report(`${message} (${code})`);
  throw new HearkenError(
    'transcribe/failed',
    `Expected ${files.length} recordings to be read to their end, got ${files.length - failures.length}`,
  );
}

type FilesOptions = Omit<TranscribeCommandOptions, 'attention'> & {
  /** What may be said as a whole, where there is such. */ readonly form: GrammarForm | undefined;
  /** The file for the picture of the attention, if one is drawn. */ readonly picture: OutputFile | undefined;
};

type FileOptions = Omit<FilesOptions, 'grammar'> & {
  readonly grammar: GrammarChoice | undefined;
  readonly writer: TranscriptWriter;
  readonly printed: Printed;
  readonly signal: AbortSignal;
};

async function transcribeFile(model: Model, file: string, options: FileOptions): Promise<void> {
  const { grammar, writer, printed, signal, picture } = options;
  const recording = await openRecording(file, model.sampleRate, options);
  using progress = createProgress(nameOf(file), recording.totalBytes);
  const recorder = picture === undefined ? undefined : createAttentionRecorder(model.sampleRate);
  writer.begin(nameOf(file));
  process.stdout.write(printed.take());
  const started = performance.now();
  const waiting: Word[] = [];
  const text = syncOperator(() => (heard: RecognitionEvent): string[] => {
    const event = options.mask ? maskedEvent(heard) : heard;
    if (event.type === 'partial') progress.update(recording.readBytes(), event.text);
    if (event.type === 'attention') recorder?.rest(event);
    if (event.type !== 'final') return [];
    writer.codes(codeOf(event, event.words[0]?.channel));
    if (options.channel === 'each') {
      waiting.push(...event.words); // another channel may yet say something earlier
      return [];
    }
    progress.clear();
    writer.words(event.words);
    return [printed.take()];
  });
  const onSound = (): void => progress.update(recording.readBytes());
  await writeTo(
    recognizeSound(model, recording.sound, { grammar, recorder, onSound }).pipe(text),
    process.stdout,
    signal,
  );
  progress.clear();
  if (waiting.length > 0) writer.words(inOrder(waiting));
  writer.end(summaryOf(recording, (performance.now() - started) / 1_000));
  process.stdout.write(printed.take());
  if (recorder !== undefined) await picture?.replace(recorder.draw(nameOf(file)));
  for (const { message, code } of recording.warnings()) {
    process.stderr.write(`hearken: warning: ${printable(nameOf(file))}: ${message} (${code})\n`);
  }
  const damage = recording.damage();
  if (damage !== undefined) throw damage;
  if (recording.seconds() === 0) throw new HearkenError('audio/empty', 'Expected audio, got a recording without any');
}

type RecognizeSoundOptions = {
  readonly grammar: GrammarChoice | undefined;
  /** Draws the attention, which is then asked for. */ readonly recorder: AttentionRecorder | undefined;
  /** Called with every piece of sound. */ readonly onSound: () => void;
};

/** The events of a recording; where each channel is recognized for itself, words have theirs. */
function recognizeSound(
  model: Model,
  sound: Sound,
  { grammar, recorder, onSound }: RecognizeSoundOptions,
): Observable<RecognitionEvent> {
  if ('channels' in sound) {
    const channel = syncOperator(() => (event: Parameters<typeof withChannel>[0]) => [withChannel(event)]);
    return sound.channels.pipe(watch(onSound), recognize(eachChannel(model), { grammar }), channel);
  }
  const recorded = watch((samples: Float32Array) => recorder?.record(samples));
  return sound.samples.pipe(recorded, watch(onSound), recognize(model, { grammar, attention: recorder !== undefined }));
}

function summaryOf(recording: Recording, elapsed: number): TranscriptSummary {
  const [durationSeconds, damage, channelCount] = [recording.seconds(), recording.damage(), recording.channelCount()];
  const warnings = recording.warnings().map(noticeOf);
  return {
    durationSeconds,
    realTimeFactor: durationSeconds === 0 ? 0 : elapsed / durationSeconds,
    ...(damage !== undefined && { incomplete: noticeOf(damage) }),
    ...(warnings.length > 0 && { warnings }),
    ...(channelCount !== undefined && { channelCount }),
  };
}

function noticeOf({ code, message }: HearkenError): Notice {
  return { code, message };
}

/** The words of file `name`; of a model that hears phones, where it does not know each of them, its lines as phrases. */
async function listedGrammar({ vocabulary, phones }: Model, name: string, text: string): Promise<GrammarChoice> {
  try {
    return grammarFromText(vocabulary, name, text);
  } catch (error) {
    if (phones === undefined || !(error instanceof HearkenError) || error.code !== 'grammar/unknown-word') throw error;
    const phrases = phrasesFromText(text);
    return { phrases, lexicon: await pronounce(phrases.flatMap((phrase) => phrase.split(' '))) };
  }
}

async function grammarOf(model: Model, grammar: string | undefined): Promise<GrammarChoice | undefined> {
  if (grammar === undefined || Object.hasOwn(model.vocabulary.grammars, grammar)) return grammar;
  if (existsSync(grammar)) return listedGrammar(model, grammar, await readWordList(grammar));
  const known = Object.keys(model.vocabulary.grammars).join(', ');
  throw new UsageError(`Expected a grammar of the model (${known}) or a file of words or rules, got ${grammar}`);
}

function openWriter({ json, srt }: TranscribeCommandOptions, print: Print): TranscriptWriter {
  if (json) return jsonWriter(print);
  return srt ? srtWriter(print) : textWriter(print);
}

/** Text that was printed and is not written yet. */
type Printed = { readonly add: Print; readonly take: () => string };

function createPrinted(): Printed {
  let text = '';
  return {
    add: (more) => {
      text += more;
    },
    take: () => {
      const taken = text;
      text = '';
      return taken;
    },
  };
}

function nameOf(file: string): string {
  return file === '-' ? 'standard input' : file;
}
