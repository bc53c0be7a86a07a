/** Runs fuzz targets in a process of their own, and sees to it that what hangs or dies is told as a failure as well. */
import { type ChildProcess, fork } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { mkdir, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import type { FuzzReport, FuzzRequest } from './messages.ts';
import { FAILURES } from './target.ts';

export type FuzzFailure = {
  /** What was thrown, with its stack; or that the process hung or died. */ readonly what: string;
  readonly input: Uint8Array;
};

export type FuzzRun = { readonly cases: number; readonly failures: readonly FuzzFailure[] };

export type Fuzzer = {
  readonly run: (request: FuzzRequest) => Promise<FuzzRun>;
  readonly close: () => void;
};

/** A case that takes longer hangs. Far beyond what any takes, on a machine however busy. */
const HANG_MS = 120_000;
/** Beyond it a case dies of what it keeps on the heap. */
const HEAP_MB = 1_024;

/** `module` exports `TARGETS`. One run at a time. */
export function createFuzzer(module: string, { hangMs = HANG_MS }: { readonly hangMs?: number } = {}): Fuzzer {
  let folder: string | undefined;
  let child: ChildProcess | undefined;

  const start = (): ChildProcess => {
    folder ??= mkdtempSync(join(tmpdir(), 'hearken-fuzz-'));
    return fork(join(import.meta.dirname, 'fuzz-process.ts'), [module, currentFileIn(folder)], {
      execArgv: ['--import', 'tsx', `--max-old-space-size=${HEAP_MB}`],
      env: { ...process.env, TMPDIR: folder }, // what the targets leave goes with it
      stdio: ['ignore', 'ignore', 'ignore', 'ipc'],
    });
  };
  return {
    run: (request) =>
      new Promise((resolve) => {
        const isUp = child !== undefined;
        const one = (child ??= start());
        const failures: FuzzFailure[] = [];
        let watchdog: NodeJS.Timeout | undefined;
        const end = (cases: number): void => {
          clearTimeout(watchdog);
          one.removeAllListeners();
          resolve({ cases, failures });
        };
        const lost = (what: string): void => {
          child = undefined;
          failures.push({ what, input: lastInput(folder) });
          one.kill('SIGKILL');
          end(0);
        };
        const watch = (): void => {
          clearTimeout(watchdog);
          watchdog = setTimeout(() => lost(`hung for ${hangMs} ms`), hangMs);
        };
        one.on('exit', (code, signal) => lost(`the process died: ${signal ?? `exit ${code}`}`));
        one.on('message', (report: FuzzReport) => {
          watch();
          if (report.type === 'failure')
            failures.push({ what: report.what, input: Buffer.from(report.input, 'base64') });
          if (report.type === 'done') end(report.cases);
        });
        if (isUp) watch(); // else it watches from its first message on: a busy machine may take its time to start it
        one.send(request);
      }),
    close: () => {
      child?.kill('SIGKILL');
      if (folder !== undefined) rmSync(folder, { recursive: true, force: true });
    },
  };
}

/** Where the process of `folder` writes what it is about to try. */
function currentFileIn(folder: string): string {
  return join(folder, 'current');
}

function lastInput(folder: string | undefined): Uint8Array {
  const file = folder === undefined ? '' : currentFileIn(folder);
  if (!existsSync(file)) return new Uint8Array();
  const [line = ''] = readFileSync(file, 'utf8').split('\n', 1);
  return Buffer.from(line, 'base64');
}

/** Keeps what failed as a file that the tests give to the target again. Gives its path. */
export async function keepFailure(target: string, { input }: FuzzFailure): Promise<string> {
  const name = createHash('sha256').update(input).digest('hex').slice(0, 12);
  await mkdir(join(FAILURES, target), { recursive: true });
  const file = join(FAILURES, target, name);
  await writeFile(file, input);
  return file;
}
