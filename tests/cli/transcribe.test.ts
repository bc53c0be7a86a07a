import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { PNG } from 'pngjs';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';

import { encodeWav } from '../../src/audio/wav.ts';
import type { ErrorCode, Notice, Transcript as Heard } from '../../src/index.ts';
import { tones } from '../recognizer/tiny-engine.ts';
import { type CommandResult, runCommand, spawnCommand } from './run-command.ts';
import { temporaryFolder, writeTinyModel } from './tiny-model.ts';

type Transcript = Heard & { file: string };

const SECONDS = 8;

let folder: Awaited<ReturnType<typeof temporaryFolder>>;
let model: string;
let recording: string;

beforeAll(async () => {
  folder = await temporaryFolder();
  model = join(folder.path, 'tiny');
  recording = join(folder.path, 'tones.wav');
  await writeTinyModel(model);
  await writeFile(recording, encodeWav([tones(SECONDS)], { sampleRate: 16_000 }));
});
afterAll(() => folder[Symbol.asyncDispose]());

function transcribe(...args: readonly string[]): Promise<CommandResult> {
  return runCommand('transcribe', '--model', model, ...args);
}

function transcriptsOf({ code, stdout, stderr }: CommandResult): Transcript[] {
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  return JSON.parse(stdout) as Transcript[];
}

describe('a transcript', () => {
  test('has words in order, inside the recording, with confidences, and says how fast it was', async () => {
    const [transcript] = transcriptsOf(await transcribe('--json', recording));
    if (transcript === undefined) throw new Error('Expected one transcript, got none');
    const { file, text, words, durationSeconds, realTimeFactor } = transcript;
    expect(file).toBe(recording);
    expect(words.length).toBeGreaterThan(3);
    expect(text).toBe(words.map(({ word }) => word).join(' '));
    expect(durationSeconds).toBe(SECONDS);
    expect(realTimeFactor).toBeGreaterThan(0);
    for (const [index, { start, end, confidence }] of words.entries()) {
      expect(start).toBeLessThan(end);
      expect(start).toBeGreaterThanOrEqual(words[index - 1]?.end ?? 0);
      expect(end).toBeLessThanOrEqual(SECONDS);
      expect(confidence).toBeGreaterThanOrEqual(0);
      expect(confidence).toBeLessThanOrEqual(1);
    }
  });

  test('of several recordings is an entry each, in their order', async () => {
    const transcripts = transcriptsOf(await transcribe('--json', recording, 'samples/pin.wav'));
    expect(transcripts.map(({ file }) => file)).toEqual([recording, 'samples/pin.wav']);
  });

  test('for people has a line a word', async () => {
    const [transcript] = transcriptsOf(await transcribe('--json', recording));
    const { stdout } = await transcribe(recording);
    const lines = stdout.trimEnd().split('\n');
    expect(lines).toHaveLength((transcript?.words.length ?? 0) + 3);
    expect(lines[0]).toBe(recording);
  });

  test('as subtitles is numbered from 1', async () => {
    const { stdout } = await transcribe('--srt', recording);
    expect(stdout).toMatch(/^1\n00:00:0\d,\d{3} --> 00:00:0\d,\d{3}\n/);
  });

  test('holds only words of the grammar that was asked for', async () => {
    const [free] = transcriptsOf(await transcribe('--json', recording));
    const heard = new Set(free?.words.map(({ word }) => word));
    const [banned, ...others] = heard;
    expect(others.length).toBeGreaterThan(0);
    const list = join(folder.path, 'words.txt');
    await writeFile(list, `${others.join('\n')} # not ${banned}\n`);
    const [transcript] = transcriptsOf(await transcribe('--json', '--grammar', list, recording));
    expect(others).toEqual(expect.arrayContaining(transcript?.words.map(({ word }) => word) ?? []));
    expect(transcript?.words.length).toBeGreaterThan(0);
  });

  test('of standard input is that of the file, with a header or without', async () => {
    const [fromFile] = transcriptsOf(await transcribe('--json', recording));
    const wav = await readFile(recording);
    const args = ['transcribe', '--model', model, '--json', '-'];
    const [fromWav] = transcriptsOf(await spawnCommand(args, wav));
    const raw = ['--rate', '16000', '--format', 's16le'];
    const [fromSamples] = transcriptsOf(await spawnCommand([...args, ...raw], wav.subarray(44)));
    expect(fromWav).toMatchObject({ file: 'standard input', words: fromFile?.words });
    expect(fromSamples?.words).toEqual(fromFile?.words);
  });
});

test('a picture shows what the words rest on', async () => {
  const file = join(folder.path, 'attention.png');
  const { code } = await transcribe('--attention', file, recording);
  expect(code).toBe(0);
  const { width, height } = PNG.sync.read(await readFile(file));
  expect(width).toBeGreaterThan(1_200);
  expect(height).toBeGreaterThan(200);
});

describe('a recording that cannot be read', () => {
  test.each([
    { name: 'empty.wav', content: '', says: 'got an empty file', code: 1 },
    { name: 'text.wav', content: 'Dear diary,', says: 'Expected audio', code: 1 },
    { name: 'header.wav', content: 'RIFF\x24\0\0\0WAVE', says: 'wav/truncated', code: 1 },
  ])('such as $name is named in one line', async ({ name, content, says, code }) => {
    const file = join(folder.path, name);
    await writeFile(file, content);
    const result = await transcribe(file);
    expect(result.stderr.trimEnd().split('\n')).toHaveLength(1);
    expect(result.stderr).toContain(file);
    expect(result.stderr).toContain(says);
    expect(result.code).toBe(code);
  });

  test.each([
    { title: 'raw standard input without a byte', input: '', raw: ['--rate', '16000', '--format', 's16le'] },
    { title: 'a WAV file without a sample', input: encodeWav([new Float32Array(0)], { sampleRate: 16_000 }), raw: [] },
  ])('because it is $title says so', async ({ input, raw }) => {
    const args = ['transcribe', '--model', model, ...raw, '-'];
    const { code, stdout, stderr } = await spawnCommand(args, Buffer.from(input));
    expect(stderr).toBe('hearken: standard input: Expected audio, got a recording without any (audio/empty)\n');
    expect(stdout).not.toContain('Infinity');
    expect(code).toBe(1);
  });

  test('does not keep the others from being transcribed', async () => {
    const { code, stdout, stderr } = await transcribe('--json', 'package.json', recording);
    expect(code).toBe(1);
    expect((JSON.parse(stdout) as Transcript[]).map(({ file }) => file)).toEqual([recording]);
    expect(stderr).toContain('package.json: Expected audio');
  });

  test('but was only cut short is transcribed as far as it goes', async () => {
    const file = join(folder.path, 'cut.wav');
    await writeFile(file, (await readFile(recording)).subarray(0, 44 + 2 * 16_000 * 5));
    const { code, stdout, stderr } = await transcribe('--json', file);
    const [transcript] = JSON.parse(stdout) as Transcript[];
    expect(transcript?.durationSeconds).toBe(5);
    expect(transcript?.words.length).toBeGreaterThan(0);
    expect(stderr).toContain('wav/truncated');
    expect(code).toBe(1);
  });
});

describe('a recording that is not whole', () => {
  /** The same file, whose samples are said to be 1,000 bytes longer than they are. */
  async function longer(): Promise<string> {
    const claimed = Buffer.from(await readFile(recording));
    for (const at of [4, 40]) claimed.writeUInt32LE(claimed.readUInt32LE(at) + 1_000, at);
    const file = join(folder.path, 'longer.wav');
    await writeFile(file, claimed);
    return file;
  }

  /** Float samples, one of which, three quarters on, is no number. */
  async function broken(): Promise<string> {
    const samples = tones(SECONDS);
    samples[Math.floor(0.75 * samples.length)] = Number.NaN;
    const file = join(folder.path, 'broken.wav');
    await writeFile(file, encodeWav([samples], { sampleRate: 16_000, encoding: 'float32' }));
    return file;
  }

  test.each<[string, () => Promise<string>, ErrorCode, number | undefined]>([
    ['longer', longer, 'wav/truncated', undefined],
    ['broken', broken, 'audio/non-finite-sample', 0], // its last utterance is another
  ])('has an entry with its words, and says why it lacks some: %s', async (_, make, incomplete, same) => {
    const { code, stdout, stderr } = await transcribe('--json', await make(), recording);
    const [cut, whole] = JSON.parse(stdout) as Transcript[];
    expect(cut?.incomplete).toEqual({ code: incomplete, message: expect.any(String) } satisfies Notice);
    expect(cut?.words.length).toBeGreaterThan(2);
    expect(cut?.words.slice(0, same)).toEqual(whole?.words.slice(0, same));
    expect(whole).not.toHaveProperty('incomplete');
    expect(stderr).toContain(incomplete);
    expect(code).toBe(1);
  });

  test('has its words for people and as subtitles, too', async () => {
    const words = (text: string): string[] => text.split('\n').filter((line) => line.includes(' %  '));
    for (const make of [longer, broken]) {
      const file = await make();
      const plain = await transcribe(file);
      expect(words(plain.stdout).length).toBeGreaterThan(2);
      expect(plain.stdout).toMatch(/words in \d+\.\d s of audio/);
      const subtitles = await transcribe('--srt', file);
      expect(subtitles.stdout).toMatch(/^1\n00:00:0\d,\d{3} --> /);
      expect([plain.code, subtitles.code]).toEqual([1, 1]);
    }
  });
});

describe('a recording with two channels', () => {
  let two: string;
  let right: string;
  beforeAll(async () => {
    [two, right] = [join(folder.path, 'two.wav'), join(folder.path, 'right.wav')];
    const other = tones(SECONDS, 5);
    await writeFile(right, encodeWav([other], { sampleRate: 16_000 }));
    await writeFile(two, encodeWav([tones(SECONDS), other], { sampleRate: 16_000 }));
  });
  const times = (words: readonly object[] = []): object[] => words.map((word) => ({ ...word, confidence: 0 }));

  test('gives the words of each, with their channel, or of one', async () => {
    const args = ['--json', '--channel'];
    const [each] = transcriptsOf(await transcribe(...args, 'each', two));
    const alone = transcriptsOf(await transcribe('--json', recording, right));
    for (const [channel, transcript] of alone.entries()) {
      const own = each?.words.filter((word) => word.channel === channel);
      expect(times(own)).toEqual(times(transcript.words.map((word) => ({ ...word, channel }))));
      const [one] = transcriptsOf(await transcribe(...args, channel === 0 ? 'left' : '1', two));
      expect(times(one?.words)).toEqual(times(transcript.words));
    }
    expect(each?.text).toBe(alone.map(({ text }) => text).join('\n'));
    expect(each?.durationSeconds).toBe(SECONDS);
  });

  test('tells them apart for people and in subtitles', async () => {
    const plain = await transcribe('--channel', 'each', two);
    expect(plain.stdout).toMatch(/ %        0  \w+\n/);
    expect(plain.stdout).toMatch(/ %        1  \w+\n/);
    const { stdout } = await transcribe('--channel', 'each', '--srt', two);
    expect(stdout).toMatch(/^\[channel 0\] \w/m);
    expect(stdout).toMatch(/^\[channel 1\] \w/m);
  });

  test('tells them in the order in which they begin, for people, for programs and in subtitles', async () => {
    const plain = await transcribe('--channel', 'each', two);
    const json = await transcribe('--json', '--channel', 'each', two);
    const srt = await transcribe('--srt', '--channel', 'each', two);
    const [each] = transcriptsOf(json);
    const lines = [...plain.stdout.matchAll(/^ +([\d.]+) .* %  +\d  \w+$/gm)].map(([, start]) => Number(start));
    const cues = [...srt.stdout.matchAll(/^(.*) --> .*\n\[channel (\d)\]/gm)];
    expect(lines).toEqual(each?.words.map(({ start }) => start));
    const starts = cues.map(([, clock = '']) => Number(clock.replaceAll(/\D/g, '')));
    for (const some of [lines, starts]) expect(some).toEqual(some.toSorted((a, b) => a - b));
    expect(new Set(cues.map(([, , channel]) => channel))).toEqual(new Set(['0', '1']));
  });

  test('as raw samples is heard alike', async () => {
    const raw = ['--rate', '16000', '--format', 's16le', '--channels', '2', '--channel', 'each'];
    const wav = await readFile(two);
    const spawned = await spawnCommand(['transcribe', '--model', model, '--json', ...raw, '-'], wav.subarray(44));
    const [[piped], [each]] = [
      transcriptsOf(spawned),
      transcriptsOf(await transcribe('--json', '--channel', 'each', two)),
    ];
    expect(times(piped?.words)).toEqual(times(each?.words));
  });

  test('that cancel each other is warned of, once', async () => {
    const file = join(folder.path, 'opposite.wav');
    const samples = tones(SECONDS);
    await writeFile(file, encodeWav([samples, samples.map((sample) => -sample)], { sampleRate: 16_000 }));
    const { code, stdout, stderr } = await transcribe('--json', file);
    expect((JSON.parse(stdout) as Transcript[])[0]?.warnings).toEqual([
      { code: 'audio/cancelled', message: expect.stringContaining('cancel each other') },
    ]);
    expect(stderr.trimEnd().split('\n')).toEqual([expect.stringContaining('audio/cancelled')]);
    expect(code).toBe(0);
  });

  test('has no third', async () => {
    const { code, stderr } = await transcribe('--channel', '2', two);
    expect({ code, stderr }).toEqual({ code: 1, stderr: expect.stringContaining('0..1') });
  });
});

describe('a command line that cannot work is refused before anything is done', () => {
  test.each([
    { args: ['missing.wav'], says: 'Expected a file at missing.wav: there is none' },
    { args: ['samples/pin.wav', 'missing.wav'], says: 'missing.wav' },
    { args: ['samples'], says: 'Expected a file, got the folder samples' },
    { args: ['samples/pin.wav', '--grammar', 'nonsense'], says: 'Expected a grammar of the model (digits)' },
    { args: ['samples/pin.wav', '--device', 'abacus'], says: 'Allowed choices are auto, cpu, webgpu, cuda, tfjs' },
    { args: ['samples/pin.wav', '--model', 'missing-model'], says: 'missing-model' },
    { args: ['samples/pin.wav', '--json', '--srt'], says: "cannot be used with option '--srt'" },
    { args: ['samples/pin.wav', 'samples/pin.wav', '--srt'], says: 'Expected one recording with --srt, got 2' },
    { args: ['samples/pin.wav', 'samples/pin.wav', '--attention', 'a.png'], says: 'Expected one recording' },
    { args: ['samples/pin.wav', '--rate', '8000', '--format', 's16le'], says: 'from standard input' },
    { args: ['-', '--rate', '8000'], says: 'Expected --rate and --format together' },
    { args: ['-', '--rate', '8000', '--format', 'mp3'], says: 'Allowed choices are u8, s16le' },
    { args: ['-', '-'], says: 'Expected - once' },
    { args: ['samples/pin.wav', '--channel', 'middle'], says: 'Expected mix, each, left, right, or a number' },
    { args: ['samples/pin.wav', '--channel', 'each', '--attention', 'a.png'], says: 'one channel, got --channel each' },
  ])('$args', async ({ args, says }) => {
    const { code, stdout, stderr } = await transcribe(...args);
    expect(stderr.trimEnd().split('\n')).toHaveLength(1);
    expect(stderr).toContain(says);
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
  });
});
