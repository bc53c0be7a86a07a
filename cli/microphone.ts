import { spawn } from 'node:child_process';

import { HearkenError } from '../src/index.ts';

/** Programs that write what the microphone hears as 16-bit samples at 16 kHz to standard output, in order of preference. */
const PROGRAMS: readonly (readonly [string, ...string[]])[] = [
  ['arecord', '-q', '-t', 'raw', '-f', 'S16_LE', '-c', '1', '-r', '16000'],
  ['rec', '-q', '-t', 'raw', '-e', 'signed', '-b', '16', '-c', '1', '-r', '16000', '-'],
  ['parec', '--format=s16le', '--channels=1', '--rate=16000'],
];

/** Reads 16-bit samples at 16 kHz until `signal` aborts. Throws `microphone/none` where no program can be had. */
export async function* readMicrophone(signal: AbortSignal): AsyncGenerator<Uint8Array> {
  for (const [program, ...args] of PROGRAMS) {
    const child = spawn(program, args, { stdio: ['ignore', 'pipe', 'inherit'] });
    const isStarted = await new Promise<boolean>((resolve) => {
      child.once('spawn', () => resolve(true));
      child.once('error', () => resolve(false));
    });
    if (!isStarted) continue;
    const stop = (): void => void child.kill();
    signal.addEventListener('abort', stop, { once: true });
    try {
      yield* child.stdout;
      return;
    } finally {
      signal.removeEventListener('abort', stop);
      child.kill();
    }
  }
  const names = PROGRAMS.map(([program]) => program).join(', ');
  throw new HearkenError('microphone/none', `Expected one of the programs ${names} to be installed, got none`);
}
