import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { vi } from 'vitest';

import { run } from '../../cli/run.ts';

export type CommandResult = { readonly code: number; readonly stdout: string; readonly stderr: string };

/** Runs a command line in this process: fast, for all that does not read standard input. */
export async function runCommand(...args: readonly string[]): Promise<CommandResult> {
  const printed = { stdout: '', stderr: '' };
  const spies = (['stdout', 'stderr'] as const).map((stream) =>
    vi.spyOn(process[stream], 'write').mockImplementation((text) => {
      printed[stream] += String(text);
      return true;
    }),
  );
  try {
    return { code: await run(args), ...printed };
  } finally {
    for (const spy of spies) spy.mockRestore();
  }
}

const MAIN = fileURLToPath(new URL('../../cli/main.ts', import.meta.url));

/** Runs a command line as a shell would, in a process of its own; `input` is its standard input. */
export function spawnCommand(args: readonly string[], input: Uint8Array = new Uint8Array()): Promise<CommandResult> {
  return new Promise((resolve, reject) => {
    const child = execFile(
      process.execPath,
      ['--import', 'tsx', MAIN, ...args],
      { encoding: 'utf8', maxBuffer: 64 * 1024 * 1024 },
      (error, stdout, stderr) => {
        const code = error === null ? 0 : error.code;
        // Killed by a signal, or not started at all.
        if (typeof code === 'number') resolve({ code, stdout, stderr });
        else reject(error ?? new Error('no exit code'));
      },
    );
    // A command that refuses its arguments does not read.
    child.stdin?.on('error', () => undefined);
    child.stdin?.end(input);
  });
}
