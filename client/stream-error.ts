import type { ClientErrorCode } from './error-codes.ts';

/** Code of an error: one of this client's, which editors complete by name, or any that the server gives. */
type StreamErrorCode = ClientErrorCode | (string & {});

/** The error that ended a stream before its time; `code` is stable. */
export class StreamError extends Error {
  readonly code: StreamErrorCode;

  constructor(code: StreamErrorCode, message: string) {
    super(message);
    this.name = 'StreamError';
    this.code = code;
  }
}
