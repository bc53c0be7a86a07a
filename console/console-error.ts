/** The stable codes of what goes wrong in the page itself. */
export type ConsoleErrorCode =
  | 'console/api-key'
  | 'console/behind'
  | 'console/file-format'
  | 'console/file-size'
  | 'console/microphone-denied'
  | 'console/microphone-failed'
  | 'console/microphone-insecure'
  | 'console/microphone-none'
  | 'console/server';

/** An error of the page itself; `code` says which advice to show. */
export class ConsoleError extends Error {
  readonly code: ConsoleErrorCode;

  constructor(code: ConsoleErrorCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = 'ConsoleError';
    this.code = code;
  }
}
