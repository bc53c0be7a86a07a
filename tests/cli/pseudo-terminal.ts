import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';

const MAIN = fileURLToPath(new URL('../../cli/main.ts', import.meta.url));
const CTRL_C = '\u0003';

/** Runs a command line on a terminal of its own, and presses Ctrl-C as soon as `interruptAt` is shown. */
export function runOnTerminal(
  args: readonly string[],
  interruptAt?: string,
): Promise<{ readonly code: number | null; readonly shown: string }> {
  const line = [process.execPath, '--import', 'tsx', MAIN, ...args].map((part) => `'${part}'`).join(' ');
  return new Promise((resolve, reject) => {
    const child = spawn('script', ['--quiet', '--return', '--command', line, '/dev/null']);
    let shown = '';
    let isPressed = false;
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      shown += text;
      if (isPressed || interruptAt === undefined || !shown.includes(interruptAt)) return;
      isPressed = true;
      child.stdin.write(CTRL_C);
    });
    child.once('error', reject);
    child.once('close', (code) => resolve({ code, shown }));
  });
}

const ESCAPE = '\u001B';

/** Private modes of the terminal that were switched and not switched back, such as `?25l` for a hidden cursor. */
export function modesLeft(shown: string): string[] {
  const modes = new Map<string, string>();
  for (const part of shown.split(`${ESCAPE}[?`).slice(1)) {
    const [, mode = '', state = ''] = /^(\d+)([hl])/.exec(part) ?? [];
    modes.set(mode, state);
  }
  return [...modes]
    .filter(([mode, state]) => state !== (MODES_AT_REST[mode] ?? 'l'))
    .map(([mode, state]) => `?${mode}${state}`);
}

/** Modes that are set on a fresh terminal: lines wrap, the cursor is shown. */
const MODES_AT_REST: Readonly<Record<string, string>> = { '7': 'h', '25': 'h' };
