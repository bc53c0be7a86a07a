/**
 * Clients that others have published, as they are: `vosk-transcriber` of the package `vosk` on PyPI, and the scripts of
 * alphacep/vosk-server (websocket/test*.py) where a clone of that repository stands in .data/vosk-server. These connect
 * to port 2700 and nowhere else.
 */
import { execFile, spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdtemp, readFile, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

import { expect, onTestFinished, test } from 'vitest';

import { encodeWav } from '../../../src/audio/wav.ts';
import { listenTo } from '../native/native-client.ts';
import { pcmOf, samplesOf, textOf } from '../recordings.ts';
import { startTestServer, type TestServer } from '../test-server.ts';
import { type Result, textIn } from './vosk-client.ts';

const ROOT = fileURLToPath(new URL('../../../', import.meta.url));
const SCRIPTS = join(ROOT, '.data/vosk-server/websocket');
/** Milliseconds: Python starts slowly on a busy machine. */
const timeout = 600_000;

const python = pythonWithVosk();
const hasFfmpeg = spawnSync('ffmpeg', ['-version']).status === 0;

/** A Python with the clients' packages, in an environment of its own; `undefined` where it cannot be had. */
function pythonWithVosk(): string | undefined {
  const folder = join(ROOT, '.data/vosk-clients');
  const inside = join(folder, 'bin/python');
  const isReady = (): boolean => spawnSync(inside, ['-c', 'import vosk, websockets, srt']).status === 0;
  if (!isReady()) {
    spawnSync('python3', ['-m', 'venv', folder]);
    spawnSync(inside, ['-m', 'pip', 'install', '--quiet', 'vosk', 'websockets', 'srt']);
  }
  return isReady() ? inside : undefined;
}

async function serverOn(voskPort: number): Promise<TestServer> {
  const server = await startTestServer({ voskPort });
  onTestFinished(() => server.drain(0));
  return server;
}

async function runPython(...args: readonly string[]): Promise<string> {
  const { stdout } = await promisify(execFile)(python ?? '', args, { cwd: ROOT });
  return stdout;
}

/** The words that the native protocol gives of a sample, with their times. */
async function nativeWords(server: TestServer, name: string): Promise<{ word: string; start: number; end: number }[]> {
  const events = await listenTo(`ws://127.0.0.1:${server.port}/v1/stream`, await pcmOf(name, 16_000));
  return events.flatMap((event) => (event.type === 'final' ? event.words : []));
}

/** What is wrong with this machine for them, for the title. */
const lacks = python === undefined ? ' (skipped: no python3 with pip that can install vosk)' : '';
const lacksFfmpeg = lacks === '' && !hasFfmpeg ? ' (skipped: no ffmpeg)' : lacks;
const lacksScripts = lacks === '' && !existsSync(SCRIPTS) ? ' (skipped: no clone in .data/vosk-server)' : lacks;

/** The server has the model: this client would fetch one from the network before it connects. */
const TRANSCRIBER = `
import sys, vosk
vosk.Model = lambda **_: None
from vosk.transcriber import cli
cli.parser.set_defaults(server=sys.argv.pop(1))
cli.main()
`;

test.skipIf(lacksFfmpeg !== '')(`vosk-transcriber writes what is said${lacksFfmpeg}`, { timeout }, async () => {
  const server = await serverOn(0);
  const output = join(await mkdtemp(join(tmpdir(), 'hearken-vosk-')), 'said.txt');
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

test.skipIf(lacksScripts !== '')(
  `the scripts of vosk-server print the native words${lacksScripts}`,
  { timeout },
  async () => {
    const server = await serverOn(2700);
    const expected = await nativeWords(server, 'phone-number');
    const scripts = hasFfmpeg ? ['test.py', 'test_ffmpeg.py'] : ['test.py'];
    for (const script of scripts) {
      const replies = repliesIn(await runPython(join(SCRIPTS, script), 'samples/phone-number.wav'));
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
    const withPhrases = repliesIn(await runPython(join(SCRIPTS, 'test_words.py'), 'samples/phone-number.wav'));
    expect(textIn(withPhrases)).toBe(textOf('phone-number'));
    expect(withPhrases.some((reply) => 'result' in reply)).toBe(false); // it asks for no words
    const alternatives = await runPython(join(SCRIPTS, 'test_alternatives.py'), 'samples/phone-number.wav');
    expect(alternatives).toContain(`"text" : "${textOf('phone-number')}"`);
    const folder = await mkdtemp(join(tmpdir(), 'hearken-vosk-'));
    const wav = join(folder, '8khz.wav'); // what the script without a configuration sends
    await writeFile(wav, encodeWav([await samplesOf('pin', 8000)], { sampleRate: 8000 }));
    const subtitles = await runPython(join(SCRIPTS, 'test_srt.py'), wav);
    expect(subtitles).toContain(textOf('pin'));
  },
);
