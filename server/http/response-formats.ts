import { toSrt, toWebVtt } from '../../src/text/subtitles.ts';
import { type Notice, textOf } from '../../src/recognizer/transcribe.ts';
import { toThousandths, toWrittenWords } from '../../src/text/written-words.ts';
import type { TranscribedUpload } from './transcribe-upload.ts';

export const RESPONSE_FORMATS = ['json', 'text', 'srt', 'verbose_json', 'vtt'] as const;

export type ResponseFormat = (typeof RESPONSE_FORMATS)[number];

export type FormatOptions = {
  readonly format: ResponseFormat;
  /** Whether `verbose_json` lists words beside segments. */ readonly hasWords: boolean;
};

/** The body of a response, and its media type. */
export type Body = { readonly type: string; readonly body: string };

/** Headers that say, whatever the format, why words may be missing or wrong: a code, a colon, a sentence. */
export type TranscriptionHeaders = { readonly 'hearken-incomplete'?: string; readonly 'hearken-warning'?: string };

export function writeTranscription(
  { finals, durationSeconds, channelCount, incomplete, warnings }: TranscribedUpload,
  { format, hasWords }: FormatOptions,
): Body & { readonly headers: TranscriptionHeaders } {
  const words = toWrittenWords(finals.flatMap((final) => final.words));
  const text = textOf(words, channelCount);
  const notices = { ...(incomplete && { incomplete }), ...(warnings.length > 0 && { warnings }) };
  const plain = 'text/plain; charset=utf-8';
  const json = (value: unknown): Body => ({ type: 'application/json; charset=utf-8', body: JSON.stringify(value) });
  const writers: Readonly<Record<ResponseFormat, () => Body>> = {
    json: () => json({ text, ...notices }),
    verbose_json: () =>
      json({
        task: 'transcribe',
        duration: toThousandths(durationSeconds),
        text,
        segments: segmentsOf(finals),
        ...(hasWords && {
          words: words.map(({ word, start, end, ...whose }) => ({ word, start, end, ...channelOf(whose) })),
        }),
        ...notices,
      }),
    text: () => ({ type: plain, body: `${text}\n` }),
    srt: () => ({ type: plain, body: toSrt(words) }),
    vtt: () => ({
      type: 'text/vtt; charset=utf-8',
      body: withNotes(toWebVtt(words), [...(incomplete ? [incomplete] : []), ...warnings]),
    }),
  };
  const headers = {
    ...(incomplete && { 'hearken-incomplete': headerOf(incomplete) }),
    ...(warnings.length > 0 && { 'hearken-warning': warnings.map(headerOf).join(', ') }),
  };
  return { ...writers[format](), headers };
}

function channelOf(word: { readonly channel?: number } | undefined): { readonly channel?: number } {
  return word?.channel === undefined ? {} : { channel: word.channel };
}

/** WebVTT has a place for what viewers are not shown. */
function withNotes(vtt: string, notices: readonly Notice[]): string {
  const notes = notices.map((notice) => `\nNOTE ${headerOf(notice).replaceAll('-->', '->')}\n`);
  return vtt.replace('WEBVTT\n', `WEBVTT\n${notes.join('')}`);
}

/** Headers hold printable ASCII. */
function headerOf({ code, message }: Notice): string {
  return `${code}: ${message}`.replace(/[^ -~]/g, '?');
}

/** An utterance from the start of its first word to the end of its last: the silence around them is none of it. */
function segmentsOf(finals: TranscribedUpload['finals']): object[] {
  return finals
    .flatMap(({ words, text }) => {
      const [first, last] = [words.at(0), words.at(-1)];
      if (first === undefined || last === undefined) return [];
      return [{ start: toThousandths(first.start), end: toThousandths(last.end), text, ...channelOf(first) }];
    })
    .map((segment, id) => ({ id, ...segment }));
}
