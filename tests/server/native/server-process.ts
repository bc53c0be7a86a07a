import { type ChildProcess, spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';

const main = fileURLToPath(new URL('../../../cli/main.ts', import.meta.url));

/** A server process that is ready to be connected to. */
export async function startProcess(port: number, sessions: string): Promise<{ child: ChildProcess; port: number }> {
  const args = ['--import', 'tsx', main, 'serve', '--port', String(port), '--vosk-port', '0', '--sessions', sessions];
  const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit'] });
  for await (const line of createInterface({ input: child.stdout })) {
    const entry = JSON.parse(line) as { msg: string; port: number }; // pino's
    if (entry.msg === 'listening') return { child, port: entry.port };
  }
  throw new Error('Expected the server to listen, got its end');
}
