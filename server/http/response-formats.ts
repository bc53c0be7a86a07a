import { toSrt, toWebVtt } from '../../src/text/subtitles.ts';
import type { HeardRecording } from './hear-recording.ts';

export const RESPONSE_FORMATS = ['json', 'text', 'srt', 'verbose_json', 'vtt'] as const;

export type ResponseFormat = (typeof RESPONSE_FORMATS)[number];

export type FormatOptions = {
  readonly format: ResponseFormat;
  /** Whether `verbose_json` lists words beside segments. */ readonly hasWords: boolean;
};

/** The body of a response, and its media type. */
export type Body = { readonly type: string; readonly body: string };

export function writeTranscription(
  { finals, durationSeconds }: HeardRecording,
  { format, hasWords }: FormatOptions,
): Body {
  const text = finals.map((final) => final.text).join(' ');
  const words = finals.flatMap((final) => final.words);
  const plain = 'text/plain; charset=utf-8';
  const json = (value: unknown): Body => ({ type: 'application/json; charset=utf-8', body: JSON.stringify(value) });
  const writers: Readonly<Record<ResponseFormat, () => Body>> = {
    json: () => json({ text }),
    verbose_json: () =>
      json({
        task: 'transcribe',
        duration: durationSeconds,
        text,
        segments: finals.map((final, id) => ({ id, start: final.start, end: final.end, text: final.text })),
        ...(hasWords && { words: words.map(({ word, start, end }) => ({ word, start, end })) }),
      }),
    text: () => ({ type: plain, body: `${text}\n` }),
    srt: () => ({ type: plain, body: toSrt(words) }),
    vtt: () => ({ type: 'text/vtt; charset=utf-8', body: toWebVtt(words) }),
  };
  return writers[format]();
}
