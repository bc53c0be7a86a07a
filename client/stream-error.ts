import type { ClientErrorCode } from './error-codes.ts';

/** A code of this client, or any that the server gives; editors know ours by name. */
type StreamErrorCode = ClientErrorCode | (string & {});

/** Why a stream ended before its time; `code` is stable. */
export class StreamError extends Error {
  readonly code: StreamErrorCode;

  constructor(code: StreamErrorCode, message: string) {
    super(message);
    this.name = 'StreamError';
    this.code = code;
  }
}
