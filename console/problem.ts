import type { ClientErrorCode } from '../client/index.ts';
import type { ConsoleErrorCode } from './console-error.ts';

/** A problem in a sentence, and what helps. */
export type Problem = {
  /** Stable, for reports. */ readonly code: string;
  readonly title: string;
  readonly advice: string;
};

type Advice = Omit<Problem, 'code'>;

const KNOWN: Readonly<Record<string, Advice>> = {
  'console/microphone-denied': {
    title: 'The microphone is not allowed',
    advice:
      'Allow it for this page in the browser (the sign beside the address), then start again. Recordings work without it.',
  },
  'console/microphone-none': {
    title: 'There is no microphone',
    advice: 'Connect one and start again, or choose a recording.',
  },
  'console/microphone-failed': {
    title: 'The microphone does not work',
    advice: 'Another program may be using it. Close that program and start again, or choose a recording.',
  },
  'console/microphone-insecure': {
    title: 'No microphone over plain HTTP',
    advice:
      'Browsers give it to pages over HTTPS or from this machine only. Open the page by localhost, or put TLS in front.',
  },
  'console/file-format': {
    title: 'This file cannot be read',
    advice: 'The browser found no audio in it that it decodes. WAV, MP3, FLAC and Ogg work nearly everywhere.',
  },
  'console/file-size': {
    title: 'This file is too large for the page',
    advice: 'Files of more than 256 MB are better sent with `hearken transcribe` or POST /v1/transcriptions.',
  },
  'console/behind': {
    title: 'The server could not keep up',
    advice: 'More than a minute of audio was waiting, so the stream was ended. What was heard until then stands below.',
  },
  'console/server': {
    title: 'The server does not answer',
    advice: 'Look whether `hearken serve` still runs, then reload this page.',
  },
  'client/closed': {
    title: 'The connection could not be kept',
    advice: 'The server was out of reach, full or restarted too often. What was heard until then stands below.',
  },
  'client/unreachable': {
    title: 'The server cannot be reached',
    advice: 'Look whether `hearken serve` still runs and takes more streams, then start again.',
  },
  'client/not-recovered': {
    title: 'The server has forgotten this stream',
    advice: 'It was restarted without `--sessions`, or away for more than an hour. Start again.',
  },
} satisfies Partial<Record<ClientErrorCode | ConsoleErrorCode, Advice>>;

export function problemOf(error: unknown): Problem {
  const code = (error as { readonly code?: unknown } | null)?.code;
  const message = error instanceof Error ? error.message : String(error);
  if (typeof code !== 'string') return { code: 'console/failed', title: 'Something went wrong', advice: message };
  const known = KNOWN[code];
  return known === undefined ? { code, title: 'The stream was ended', advice: message } : { code, ...known };
}
