/** `hearken listen --tokens` and `hearken serve`, each in a process of its own. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';

import { afterAll, beforeAll, expect, test } from 'vitest';

import type { NumberedMessage } from '../../client/index.ts';
import { loadTokenModel } from '../../src/index.ts';
import { Random } from '../../src/tensor/random.ts';
import { spawnCommand } from '../cli/run-command.ts';
import { TOKEN_CONFIG, writeTokenModel } from './native/token-model.ts';

const random = Random.seeded(11);
const tokens = Int32Array.from({ length: 150 }, () => random.integer(TOKEN_CONFIG.alphabetSize));
/** Line breaks, blanks and tabs, and none at the end. */
const text = Array.from(tokens, (token, index) => `${index === 0 ? '' : ['\n', ' ', '\t\n'][index % 3]}${token}`).join(
  '',
);

let folder: string;
let url: string;
let stop: () => Promise<void>;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'hearken-tokens-'));
  await writeTokenModel(folder, 3);
  await writeFile(join(folder, 'tokens.txt'), text);
  const main = fileURLToPath(new URL('../../cli/main.ts', import.meta.url));
  const args = ['serve', '--port', '0', '--vosk-port', '0', '--model', `recall=${folder}`];
  const child = spawn(process.execPath, ['--import', 'tsx', main, ...args], { stdio: ['ignore', 'pipe', 'inherit'] });
  stop = async () => {
    child.kill();
    await once(child, 'exit');
  };
  for await (const line of createInterface({ input: child.stdout })) {
    const { msg, port } = JSON.parse(line) as { msg: string; port: number }; // pino's
    if (msg !== 'listening') continue;
    url = `ws://127.0.0.1:${port}/v1/stream`;
    break;
  }
});
afterAll(async () => {
  await stop();
  await rm(folder, { recursive: true });
});

/** The likeliest label after each token, and how likely it is, without a server. */
async function answeredOffline(): Promise<{ label: number; probability: number }[]> {
  await using model = await loadTokenModel(folder);
  const answers: { label: number; probability: number }[] = [];
  for await (const { logProbabilities } of model.encode([tokens])) {
    for (let at = 0; at < logProbabilities.length; at += TOKEN_CONFIG.labelCount) {
      const row = [...logProbabilities.subarray(at, at + TOKEN_CONFIG.labelCount)];
      const best = Math.max(...row);
      answers.push({ label: row.indexOf(best), probability: Math.exp(best) });
    }
  }
  return answers;
}

test('prints the answers to ids from standard input as lines of JSON, as the model gives them', async () => {
  const args = ['listen', '-', '--tokens', '--model', 'recall', '--json', '--url', url];
  const { code, stdout } = await spawnCommand(args, Buffer.from(text));
  expect(code).toBe(0);
  const events = stdout
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as Extract<NumberedMessage, { type: 'answers' }>); // nothing else is told of tokens
  expect(events.map(({ type, firstToken }) => [type, firstToken])).toEqual([0, 64, 128].map((at) => ['answers', at]));
  const expected = await answeredOffline();
  expect(events.flatMap(({ labels }) => labels)).toEqual(expected.map(({ label }) => label));
  for (const [index, probability] of events.flatMap(({ probabilities }) => probabilities).entries()) {
    expect(probability).toBeCloseTo(expected[index]?.probability ?? Number.NaN, 4);
  }
});

test('prints a line a token of a file: its place, the likeliest label and how likely it is', async () => {
  const { code, stdout, stderr } = await spawnCommand(['listen', join(folder, 'tokens.txt'), '--tokens', '--url', url]);
  expect(code).toBe(0);
  const rows = stdout.trimEnd().split('\n');
  const labels = (await answeredOffline()).map(({ label }) => label);
  expect(rows.map((row) => row.trim().split(/\s+/).slice(0, 2).map(Number))).toEqual([...labels.entries()]);
  for (const row of rows) expect(row).toMatch(/ \d{1,3} %$/);
  expect(stderr).toMatch(/^150 tokens in /);
});

test.each([
  ['1 2\n3 four\n', [], 1, /0\.\.2147483647, got "four" in line 2/],
  ['1 -2', [], 1, /got "-2" in line 1/],
  ['1 8', [], 1, /Expected .*got/], // the server's words: its model has no 8
  ['1', ['--grammar', 'digits'], 2, /--tokens/],
] as const)('says in a line what is wrong with %j and %j', async (input, options, code, reason) => {
  const result = await spawnCommand(['listen', '-', '--tokens', '--url', url, ...options], Buffer.from(input));
  expect(result.code).toBe(code);
  expect(result.stderr).toMatch(reason);
  expect(result.stderr.trim().split('\n')).toHaveLength(1);
});
