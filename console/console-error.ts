/** What goes wrong in the page itself; `code` is stable and says which advice to show. */
export class ConsoleError extends Error {
  readonly code: string;

  constructor(code: string, message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = 'ConsoleError';
    this.code = code;
  }
}
