/** `hearken stream`: symbols of standard input, answered as they come. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';

import { afterAll, beforeAll, describe, expect, test } from 'vitest';

import { loadBackend } from '../../src/backend/backends.ts';
import { exportModel } from '../../src/export/export-model.ts';
import { loadSequenceModel, loadTokenModel } from '../../src/index.ts';
import { SEQUENCE_CONFIG } from '../model/sequence-config.ts';
import { configOf, PARTS, tinyFolder } from '../sequence/tiny-model.ts';
import { writeTokenModel } from '../server/native/token-model.ts';
import { runCommand, spawnCommand } from './run-command.ts';
import { temporaryFolder } from './tiny-model.ts';

const MAIN = fileURLToPath(new URL('../../cli/main.ts', import.meta.url));

let folder: Awaited<ReturnType<typeof temporaryFolder>>;
let model: string;
let other: string;

beforeAll(async () => {
  await loadBackend('cpu');
  folder = await temporaryFolder();
  model = join(folder.path, 'model');
  other = join(folder.path, 'other');
  await writeTokenModel(model, 3);
  await writeTokenModel(other, 4);
  await exportModel(model);
  await exportModel(other);
});
afterAll(() => folder[Symbol.asyncDispose]());

type Answer = {
  readonly position: number;
  readonly token: number;
  readonly label: number;
  readonly probability: number;
};

const tokens = Array.from({ length: 150 }, (_, index) => (index * index + 3) % 8);

/** What the model answers to `tokens` in a program. */
async function answersInProgram(): Promise<Answer[]> {
  await using loaded = await loadTokenModel(model);
  const stream = loaded.open();
  const events = [...(await stream.push(Int32Array.from(tokens))), ...(await stream.flush())];
  stream.close();
  return events
    .flatMap(({ labels, probabilities }) => labels.map((label, index) => [label, probabilities[index]!] as const))
    .map(([label, probability], position) => ({
      position,
      token: tokens[position]!,
      label,
      probability: expect.closeTo(probability, 5) as number,
    }));
}

function answersIn(stdout: string): Answer[] {
  return stdout.split('\n').flatMap((line) => (line === '' ? [] : [JSON.parse(line) as Answer])); // as the command prints
}

/** The command as a process whose standard input stays open. */
function start(
  ...args: readonly string[]
): ChildProcess & { stdin: NodeJS.WritableStream; stdout: NodeJS.ReadableStream } {
  return spawn(process.execPath, ['--import', 'tsx', MAIN, 'stream', '--model', model, ...args], {
    stdio: ['pipe', 'pipe', 'pipe'],
  });
}

/** Ticks that a process has computed, for itself and in the system. */
async function processorTime(pid: number): Promise<string> {
  return (await readFile(`/proc/${pid}/stat`, 'utf8')).split(' ').slice(13, 15).join(' ');
}

function lines(values: readonly unknown[]): string {
  return values.map((value) => `${JSON.stringify(value)}\n`).join('');
}

const bytes = (said: string): Uint8Array => new TextEncoder().encode(said);

describe('a model that answers to every symbol', () => {
  test.each(['SIGTERM', 'SIGINT'] as const)(
    'is answered while the input goes on; %s ends it with a snapshot, from which all goes on as if there had been no end',
    async (signal) => {
      const snapshot = join(folder.path, `${signal}.state`);
      const child = start('--snapshot', snapshot);
      const told = text(child.stderr!); // it is a pipe
      const answers = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
      const heard: Answer[] = [];
      for (const [from, to] of [
        [0, 1],
        [1, 3],
        [3, 70],
      ]) {
        child.stdin.write(lines(tokens.slice(from, to)));
        while (heard.length < to!) heard.push(JSON.parse((await answers.next()).value as string) as Answer);
      }
      expect(existsSync(snapshot)).toBe(false);
      child.kill(signal);
      expect(await once(child, 'close')).toEqual([null, signal]);
      expect(await told).toBe('hearken: 70 symbols of the input were taken in\nhearken: interrupted\n');
      const rest = await spawnCommand(
        ['stream', '--model', model, '--resume', snapshot],
        bytes(lines(tokens.slice(70))),
      );
      expect(rest).toMatchObject({ code: 0, stderr: '' });
      expect([...heard, ...answersIn(rest.stdout)]).toEqual(await answersInProgram());
    },
  );

  test('gives in two runs the very bytes that it gives in one, and refuses the snapshot of another model', async () => {
    const snapshot = join(folder.path, 'half.state');
    const whole = await spawnCommand(['stream', '--model', model], bytes(lines(tokens)));
    const first = await spawnCommand(
      ['stream', '-m', model, '--snapshot', snapshot],
      bytes(lines(tokens.slice(0, 64))),
    );
    const half = await readFile(snapshot);
    const args = ['stream', '-m', model, '--resume', snapshot, '--snapshot', snapshot];
    const second = await spawnCommand(args, bytes(lines(tokens.slice(64))));
    expect(answersIn(whole.stdout)).toEqual(await answersInProgram());
    expect(first.stdout + second.stdout).toBe(whole.stdout);
    expect(await readFile(snapshot)).not.toEqual(half);
    expect(await runCommand('stream', '--model', other, '--resume', snapshot)).toMatchObject({
      code: 2,
      stdout: '',
      stderr: expect.stringMatching(/^hearken: Expected a snapshot of tokens-.* \(snapshot\/model\)\n$/),
    });
  });

  test('takes numbers, strings and text by lines, and bytes; what is no symbol ends it after what came before', async () => {
    const snapshot = join(folder.path, 'wrong.state');
    const mixed = bytes('3\r\n"4 7"\n\n4 3\n12\n0\n');
    const stopped = await spawnCommand(['stream', '-m', model, '--snapshot', snapshot], mixed);
    expect(answersIn(stopped.stdout).map(({ position, token }) => [position, token])).toEqual([
      [0, 3],
      [1, 4],
      [2, 7],
      [3, 4],
      [4, 3],
    ]);
    expect(stopped.code).toBe(1);
    expect(stopped.stderr).toBe(
      'hearken: 5 symbols of the input were taken in\n' +
        'hearken: Expected ids in 0..7, got 12 in line 5 (symbols/unknown)\n',
    );
    const goesOn = ['stream', '-m', model, '--resume', snapshot, '--bytes'];
    const byBytes = await spawnCommand(goesOn, Uint8Array.from([...tokens.slice(5), 10]));
    expect(byBytes.code).toBe(1);
    expect(byBytes.stderr).toContain('Expected ids in 0..7, got 10 in byte 146 (symbols/unknown)\n');
    expect(answersIn(stopped.stdout + byBytes.stdout)).toEqual(await answersInProgram());
  });

  test.skipIf(process.platform !== 'linux')(
    'waits while nobody takes the answers, and loses none of them at a signal',
    async () => {
      const child = start('--bytes');
      const told = text(child.stderr!); // it is a pipe
      child.stdin.on('error', () => undefined); // it is not taken to its end
      child.stdin.write(new Uint8Array(1 << 20));
      await once(child.stdout, 'readable');
      const times: string[] = [];
      const hasStopped = async (): Promise<boolean> => {
        times.push(await processorTime(child.pid!)); // it runs
        return times.length > 10 && new Set(times.slice(-10)).size === 1;
      };
      await expect.poll(hasStopped, { interval: 100, timeout: 60_000 }).toBe(true);
      child.kill('SIGTERM');
      const answers = answersIn(await text(child.stdout));
      expect(answers.at(-1)?.position).toBe(answers.length - 1);
      expect(answers.length).toBeLessThan(10_000); // as many as a pipe and what waits before it hold
      expect(await told).toBe(`hearken: ${answers.length} symbols of the input were taken in\nhearken: interrupted\n`);
    },
  );

  test('ends without a word when nobody will ever take its answers', async () => {
    const snapshot = join(folder.path, 'unheard.state');
    const child = start('--bytes', '--snapshot', snapshot);
    const told = text(child.stderr!); // it is a pipe
    child.stdin.on('error', () => undefined); // it is closed under way
    child.stdin.write(new Uint8Array(1 << 20));
    await once(child.stdout, 'readable');
    child.stdout.destroy();
    expect(await once(child, 'close')).toEqual([0, null]);
    expect(await told).toBe('');
    expect(existsSync(snapshot)).toBe(false);
  });
});

/** Writes where its attention stops, as the input comes. */
const ONLINE = configOf(PARTS.find(({ title }) => title === 'pairs, MoChA')!);

describe('a model that writes about sequences', () => {
  test.each([
    ['at their end', SEQUENCE_CONFIG],
    ['as they come', ONLINE],
  ])('%s is told each sequence, which may go on from a snapshot', async (_, config) => {
    const writer = await tinyFolder(config);
    await using loaded = await loadSequenceModel(writer);
    const stream = loaded.open();
    const ids = (letters: string): Int32Array => Int32Array.from(letters, (letter) => 'abcd'.indexOf(letter));
    const events: object[] = [];
    for (const sequence of ['abcd', 'dcbba']) {
      for (const letter of sequence) events.push(...(await stream.push(ids(letter))));
      events.push(...(await stream.flush()));
    }
    const expected = events.map((event) => JSON.parse(JSON.stringify(event)) as object); // as JSON has them

    const snapshot = join(writer, 'half.state');
    const first = await spawnCommand(
      ['stream', '-m', writer, '--snapshot', snapshot],
      bytes('abcd\n\n\nd\n"c"\n'), // of the second of which there is more to come
    );
    const second = await spawnCommand(['stream', '-m', writer, '--resume', snapshot], bytes('1\nba\n'));
    expect([first.code, second.code]).toEqual([0, 0]);
    expect(answersIn(first.stdout + second.stdout)).toEqual(expected);
    expect(first.stdout.match(/"type":"end"/g)).toHaveLength(1);
  });

  test('tells what it knows while the input goes on, and the rest at a signal', async () => {
    const writer = await tinyFolder(ONLINE);
    const child = spawn(process.execPath, ['--import', 'tsx', MAIN, 'stream', '--model', writer], { stdio: 'pipe' });
    const answers = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
    child.stdin.write('abcddcbaabcd\n');
    expect(JSON.parse((await answers.next()).value as string)).toMatchObject({ type: 'symbol', index: 0 });
    child.kill('SIGTERM');
    const rest = [];
    for await (const line of { [Symbol.asyncIterator]: () => answers }) rest.push(JSON.parse(line) as object);
    expect(rest.at(-1)).toMatchObject({ type: 'end', inputs: 12 });
  });
});

test.each([
  ['a recogniser of speech', ['-m', 'codes-en'], 'Expected a model that takes in symbols, got codes-en'],
  ['bytes for words', ['-m', 'inverse-numbers-en', '--bytes'], 'Expected --bytes with a model of ids'],
  ['bytes that are text', ['-m', 'inverse-numbers-en', '--bytes', '--text'], "'--bytes' cannot be used with"],
  ['no model', [], "required option '-m, --model <model>' not specified"],
  ['no snapshot', ['-m', 'inverse-numbers-en', '--resume', 'none.state'], 'Expected a file at none.state'],
  [
    'weights to write over',
    ['-m', 'inverse-numbers-en', '--snapshot', 'models/inverse-numbers-en/model.safetensors'],
    'Expected --snapshot to be a new file or a snapshot of a stream, got',
  ],
])('%s is refused before anything is read', async (_, args, says) => {
  const { code, stdout, stderr } = await runCommand('stream', ...args);
  expect(stderr).toContain(says);
  expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
});

test('a model that was not exported runs by tfjs, and one whose graphs are not whole is refused', async () => {
  const bare = join(folder.path, 'bare');
  await writeTokenModel(bare, 3);
  const { code, stdout } = await spawnCommand(['stream', '-m', bare], bytes(lines(tokens)));
  expect(code).toBe(0); // by tfjs, which is installed here
  expect(answersIn(stdout)).toEqual(await answersInProgram());
  await exportModel(bare);
  await rm(join(bare, 'onnx', 'read.onnx'));
  expect(await runCommand('stream', '-m', bare)).toMatchObject({
    code: 1,
    stderr: expect.stringContaining('Expected the graph of cell `read`'),
  });
});
