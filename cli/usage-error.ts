/** The command line names something that cannot be worked on: a file that is not there, options that contradict. */
export class UsageError extends Error {
  /** The faults, one a line. */ readonly faults: readonly string[];

  constructor(faults: string | readonly string[], options?: ErrorOptions) {
    const list = typeof faults === 'string' ? [faults] : faults;
    super(list.join('\n'), options);
    this.name = 'UsageError';
    this.faults = list;
  }
}
