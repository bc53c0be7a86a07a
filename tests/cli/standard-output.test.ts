import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';

const MAIN = fileURLToPath(new URL('../../cli/main.ts', import.meta.url));
const FULL = '/dev/full';

type Ended = { readonly code: number | null; readonly stderr: string };

/** Runs a command line whose standard output goes where the shell is told. */
function runInto(target: string, ...args: readonly string[]): Promise<Ended> {
  const command = `"$@" ${target}`;
  const child = spawn('sh', ['-c', command, 'sh', process.execPath, '--import', 'tsx', MAIN, ...args], {
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  let stderr = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    stderr += text;
  });
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (code) => resolve({ code, stderr }));
  });
}

test
  .skipIf(!existsSync(FULL))
  .each([
    [['--help']],
    [['help', 'serve']],
    [['--version']],
    [['transcribe', 'samples/pin.wav']],
    [['transcribe', '--json', 'samples/pin.wav']],
    [['transcribe', '--srt', 'samples/pin.wav']],
    [['inspect', 'models/codes-en']],
    [['keys', 'new', 'me']],
    [['serve', '--config', 'docs/examples/hearken.yaml', '--check']],
  ])('%j into a full disk says so in a line', async (args) => {
  const ended = await runInto(`> ${FULL}`, ...args);
  expect(ended).toEqual({ code: 1, stderr: 'hearken: Expected to write to standard output, got ENOSPC\n' });
});

test.skipIf(!existsSync(FULL))('a server whose log cannot be begun says so in a line', async () => {
  const ended = await runInto(`> ${FULL}`, 'serve', '--port', '0', '--vosk-port', '0');
  const line = 'hearken: Expected to write the log to standard output, got ENOSPC (output/unwritable)\n';
  expect(ended).toEqual({ code: 1, stderr: line });
});

test('a reader that has seen enough is no failure', async () => {
  const enough = await runInto('| head -n 1', 'inspect', 'models/codes-en', '--tensors');
  expect(enough).toEqual({ code: 0, stderr: '' });
});

test.skipIf(!existsSync(FULL))('nobody left to be told of a failure is no reason for another', async () => {
  const { code } = await runInto(`> /dev/null 2> ${FULL}`, 'inspect', 'no-such-model');
  expect(code).toBe(2);
});
