/** The command line names something that cannot be worked on: a file that is not there, options that contradict. */
export class UsageError extends Error {
  constructor(message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = 'UsageError';
  }
}
