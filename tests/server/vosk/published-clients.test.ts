/**
 * Clients that others have published: `vosk-transcriber` of the package `vosk` on PyPI as it is, and the scripts of
 * alphacep/vosk-server (websocket/test*.py) where a clone of that repository stands in .data/vosk-server. These know one
 * address, ws://localhost:2700, in whose place copies of them have the server's; nothing else of them is changed.
 */
import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

import { beforeAll, expect, onTestFinished, test, type TestContext } from 'vitest';

import { encodeWav } from '../../../src/audio/wav.ts';
import { listenTo } from '../native/native-client.ts';
import { pcmOf, samplesOf, textOf } from '../recordings.ts';
import { startTestServer, type TestServer } from '../test-server.ts';
import { type Result, textIn } from './vosk-client.ts';

const ROOT = fileURLToPath(new URL('../../../', import.meta.url));
const SCRIPTS = join(ROOT, '.data/vosk-server/websocket');
/** Milliseconds: Python starts slowly on a busy machine. */
const timeout = 600_000;

const run = promisify(execFile);
const succeeds = (program: string, ...args: readonly string[]): Promise<boolean> =>
  run(program, args).then(
    () => true,
    () => false,
  );

let python: string | undefined;
let hasFfmpeg: boolean;
beforeAll(async () => {
  python = await pythonWithVosk();
  hasFfmpeg = await succeeds('ffmpeg', '-version');
}, timeout);

/** A Python with the clients' packages, in an environment of its own; `undefined` where it cannot be had. */
async function pythonWithVosk(): Promise<string | undefined> {
  const folder = join(ROOT, '.data/vosk-clients');
  const inside = join(folder, 'bin/python');
  const isReady = (): Promise<boolean> => succeeds(inside, '-c', 'import vosk, websockets, srt');
  if (await isReady()) return inside;
  await succeeds('python3', '-m', 'venv', folder);
  await succeeds(inside, '-m', 'pip', 'install', '--quiet', 'vosk', 'websockets', 'srt');
  return (await isReady()) ? inside : undefined;
}

async function startServer(): Promise<TestServer> {
  const server = await startTestServer();
  onTestFinished(() => server.drain(0));
  return server;
}

async function runPython(...args: readonly string[]): Promise<string> {
  const { stdout } = await run(python ?? '', args, { cwd: ROOT });
  return stdout;
}

/** A folder that is gone when the test is over. */
async function temporaryFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'hearken-vosk-'));
  onTestFinished(() => rm(folder, { recursive: true }));
  return folder;
}

/** A script of vosk-server that knows the address `url`. */
async function scriptFor(url: string, name: string): Promise<string> {
  const text = await readFile(join(SCRIPTS, name), 'utf8');
  expect(text).toContain('ws://localhost:2700');
  const copy = join(await temporaryFolder(), name);
  await writeFile(copy, text.replaceAll('ws://localhost:2700', url));
  return copy;
}

/** The words that the native protocol gives of a sample, with their times. */
async function nativeWords(server: TestServer, name: string): Promise<{ word: string; start: number; end: number }[]> {
  const events = await listenTo(`ws://127.0.0.1:${server.port}/v1/stream`, await pcmOf(name, 16_000));
  return events.flatMap((event) => (event.type === 'final' ? event.words : []));
}

function skipWithoutPython({ skip }: TestContext): void {
  skip(python === undefined, 'no python3 with pip that can install vosk');
}

/** The server has the model: this client would fetch one from the network before it connects. */
const TRANSCRIBER = `
import sys, vosk
vosk.Model = lambda **_: None
from vosk.transcriber import cli
cli.parser.set_defaults(server=sys.argv.pop(1))
cli.main()
`;

test('vosk-transcriber writes what is said', { timeout }, async (context) => {
  skipWithoutPython(context);
  context.skip(!hasFfmpeg, 'no ffmpeg');
  const server = await startServer();
  const output = join(await temporaryFolder(), 'said.txt');
  await runPython('-c', TRANSCRIBER, server.vosk, '-i', 'samples/two-numbers.wav', '-o', output);
  expect((await readFile(output, 'utf8')).trim().split(/\s+/).join(' ')).toBe(textOf('two-numbers'));
});

/** What a script prints for each reply. */
function repliesIn(printed: string): Result[] {
  return printed
    .trim()
    .split(/\n(?=\{)/)
    .map((each) => JSON.parse(each) as Result);
}

test('the scripts of vosk-server print the native words', { timeout }, async (context) => {
  skipWithoutPython(context);
  context.skip(!existsSync(SCRIPTS), 'no clone in .data/vosk-server');
  const server = await startServer();
  const printed = async (script: string, wav = 'samples/phone-number.wav'): Promise<string> =>
    runPython(await scriptFor(server.vosk, script), wav);
  const expected = await nativeWords(server, 'phone-number');
  const scripts = hasFfmpeg ? ['test.py', 'test_ffmpeg.py'] : ['test.py'];
  for (const script of scripts) {
    const replies = repliesIn(await printed(script));
    expect(textIn(replies), script).toBe(textOf('phone-number'));
    const words = replies.flatMap(({ result = [] }) => result);
    expect(
      words.map(({ word, start, end }) => ({ word, start, end })),
      script,
    ).toEqual(
      expected.map(({ word, start, end }) => ({
        word,
        start: expect.closeTo(start, 5),
        end: expect.closeTo(end, 5),
      })),
    );
  }
  const withPhrases = repliesIn(await printed('test_words.py'));
  expect(textIn(withPhrases)).toBe(textOf('phone-number'));
  expect(withPhrases.some((reply) => 'result' in reply)).toBe(false); // it asks for no words
  expect(await printed('test_alternatives.py')).toContain(`"text" : "${textOf('phone-number')}"`);
  const wav = join(await temporaryFolder(), '8khz.wav'); // what the script without a configuration sends
  await writeFile(wav, encodeWav([await samplesOf('pin', 8000)], { sampleRate: 8000 }));
  expect(await printed('test_srt.py', wav)).toContain(textOf('pin'));
});
