import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';

const STREAMS = fileURLToPath(new URL('../../../streams/index.ts', import.meta.url));
const CODE = `
  import { pcm, pull, standardInput } from ${JSON.stringify(STREAMS)};
  const samples = standardInput().pipe(pcm({ encoding: 's16le', inputRate: 8000, sampleRate: 8000 }));
  for await (const chunk of pull(samples)) console.log(chunk.join(' '));
`;

test('standard input comes as bytes, to its end', async () => {
  const program = spawn(process.execPath, ['--import', 'tsx', '--input-type=module', '-e', CODE], {
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  const ended = once(program, 'close');
  program.stdin.end(Int16Array.of(16_384, -32_768, 0));
  const [said] = await Promise.all([text(program.stdout), ended]);
  expect(said).toBe('0.5 -1 0\n');
  expect(program.exitCode).toBe(0);
});
