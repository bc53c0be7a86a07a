import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';

const main = fileURLToPath(new URL('../../../cli/main.ts', import.meta.url));

export type ServerProcess = {
  readonly child: ChildProcess;
  readonly port: number;
  /** Messages of its log. */ readonly logged: readonly string[];
};

/** A server process that is ready to be connected to; port 0 takes a free one. */
export async function startProcess(port: number, sessions: string): Promise<ServerProcess> {
  const args = ['--import', 'tsx', main, 'serve', '--port', String(port), '--vosk-port', '0', '--sessions', sessions];
  const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit'] });
  const logged: string[] = [];
  const listening = new Promise<number>((resolve, reject) => {
    child.once('exit', () => reject(new Error('Expected the server to listen, got its end')));
    createInterface({ input: child.stdout }).on('line', (line) => {
      const entry = JSON.parse(line) as { msg: string; port: number }; // pino's
      logged.push(entry.msg);
      if (entry.msg === 'listening') resolve(entry.port);
    });
  });
  return { child, logged, port: await listening };
}

/** Ends it as `kill -9` does. */
export async function killed(child: ChildProcess): Promise<void> {
  child.kill('SIGKILL');
  await once(child, 'exit');
}
