import { HearkenError } from '../errors.ts';
import type { HostArrays } from '../tensor/host-array.ts';
import type { Executor } from './executor.ts';

/** What goes wrong with a device; anything else is wrong with the cell or its inputs, and would be elsewhere, too. */
const DEVICE_FAILURES: ReadonlySet<string> = new Set(['executor/run', 'executor/device']);

/**
 * Runs cells by `primary` until its device is lost (a driver that resets, a card that is unplugged or out of memory), and by
 * `spare` from then on. The call that failed is the first that `spare` answers: its inputs are on the host, stream states
 * among them, so nothing is missing or computed twice. A warning of the process, `HEARKEN_DEVICE_LOST`, says so, and `name`
 * is that of the spare. Both must run the same graphs; both are disposed of together.
 */
export function withSpare(primary: Executor, spare: Executor): Executor {
  let current = primary;
  const replace = (cell: string, cause: HearkenError): void => {
    if (current === spare) return; // calls that ran at once fail together
    current = spare;
    process.emitWarning(
      `\`${primary.name}\` failed at cell \`${cell}\`; \`${spare.name}\` computes from now on. ${cause.message}`,
      { type: 'HearkenWarning', code: 'HEARKEN_DEVICE_LOST' },
    );
  };
  const run = async (cell: string, inputs: HostArrays): Promise<HostArrays> => {
    if (current === spare) return spare.run(cell, inputs);
    try {
      return await primary.run(cell, inputs);
    } catch (error) {
      if (!(error instanceof HearkenError) || !DEVICE_FAILURES.has(error.code)) throw error;
      const outputs = await spare.run(cell, inputs); // where it fails, too, the device is not to blame
      replace(cell, error);
      return outputs;
    }
  };
  return {
    get name() {
      return current.name;
    },
    get reason() {
      return current.reason;
    },
    inputs: (cell) => primary.inputs(cell),
    run,
    [Symbol.asyncDispose]: async () => {
      await primary[Symbol.asyncDispose]();
      await spare[Symbol.asyncDispose]();
    },
  };
}
