import { type Logger, pino } from 'pino';

/** The most bytes of lines that wait for a full disk to have room again; more are dropped. */
const LONGEST_BACKLOG = 1_048_576;

/** A log of JSON lines on standard output. `onUnwritable` is told why a line could not be written, once for a row of them. */
export function openServerLog(onUnwritable: (code: string) => void): Logger {
  const output = pino.destination({ fd: 1, sync: true, maxLength: LONGEST_BACKLOG });
  let isWritable = true;
  output.on('write', () => {
    isWritable = true;
  });
  output.on('error', ({ code = 'EIO' }: NodeJS.ErrnoException) => {
    // A reader that has gone leaves a server without a log, as ever.
    if (isWritable && code !== 'EPIPE') onUnwritable(code);
    isWritable = false;
  });
  return pino({ base: null, timestamp: pino.stdTimeFunctions.isoTime }, output);
}
