import { readdirSync, readFileSync } from 'node:fs';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';

import type { TranscribedCode } from '../../src/index.ts';
import { runCommand } from './run-command.ts';
import { temporaryFolder } from './tiny-model.ts';

let folder: Awaited<ReturnType<typeof temporaryFolder>>;
beforeAll(async () => {
  folder = await temporaryFolder();
});
afterAll(() => folder[Symbol.asyncDispose]());

type Found = { file: string; codes: TranscribedCode[] };

async function codesOf(...args: readonly string[]): Promise<Found[]> {
  const { code, stdout, stderr } = await runCommand('codes', '--json', ...args);
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  return JSON.parse(stdout) as Found[];
}

const writtenOf = (found: readonly Found[]): string[][] =>
  found.map(({ codes }) => codes.map(({ written }) => written));

const CODES = JSON.parse(readFileSync('samples/codes.json', 'utf8')) as readonly {
  readonly file: string;
  readonly pattern: string;
  readonly check?: string;
  readonly written: readonly string[];
}[];

describe('hearken codes', () => {
  test.each(CODES)('hears what is said in samples/$file, of the form $pattern', async (code) => {
    const { file, pattern, check, written } = code;
    const checked = check === undefined ? [] : ['--check', check];
    const found = await codesOf('--pattern', pattern, ...checked, `samples/${file}`);
    expect(writtenOf(found)).toEqual([written]);
    for (const one of found[0]?.codes ?? []) expect(one).toMatchObject({ complete: true, valid: true });
  });

  test('has a pattern for each of the samples', () => {
    expect(CODES.map(({ file }) => file).toSorted()).toEqual(
      readdirSync('samples').filter((file) => file.endsWith('.wav')),
    );
  });

  test('has times, confidences and alternatives for programs', async () => {
    const [found] = await codesOf('--pattern', '\\d{4}', '--alternatives', '3', 'samples/pin.wav');
    const [code] = found?.codes ?? [];
    expect(code).toMatchObject({ written: '4729', text: 'four seven two nine' });
    expect(code?.alternatives.map(({ written }) => written.length)).toEqual([4, 4, 4]);
    expect(code?.confidence).toBeGreaterThan(0.9);
    expect(code!.start).toBeLessThan(code!.end);
  });

  test('says what is not valid, by check digits or by a list', async () => {
    const list = join(folder.path, 'list.txt');
    await writeFile(list, '4725\n1234\n');
    const lines = async (...args: readonly string[]): Promise<string> =>
      (await runCommand('codes', '--pattern', '\\d{4}', ...args, 'samples/pin.wav')).stdout;
    expect(await lines()).toMatch(/^samples\/pin\.wav: 4729 {2}\(\d+ %, 0\.0\d to 3\.4\d s\)\n$/);
    expect(await lines('--check', 'luhn', '--margin', '1')).toContain('4729  (100 %, 0.04 to 3.48 s, not valid)');
    expect(await lines('--list', list, '--margin', '20')).toContain('4725');
  });

  test('writes comma-separated values, a line a code, and one of a recording without any', async () => {
    const quiet = join(folder.path, 'a "quiet", one.wav');
    const wav = await readFile('samples/phone-number.wav');
    await writeFile(quiet, Buffer.concat([wav.subarray(0, 44), Buffer.alloc(wav.length - 44)]));
    const { stdout } = await runCommand('codes', '--csv', '--pattern', '\\d{4}', 'samples/pin.wav', quiet);
    const [header, pin, none, ...rest] = stdout.split('\r\n');
    expect(header).toBe('file,start,end,written,complete,valid,confidence,alternatives');
    expect(pin).toMatch(/^samples\/pin\.wav,0\.04,3\.48,4729,true,true,[\d.]+,\d{4} \| .*$/);
    expect(none).toBe(`"${quiet.replaceAll('"', '""')}",,,,,,,`);
    expect(rest).toEqual(['']);
  });

  test('goes on after a recording that cannot be read, and fails', async () => {
    const broken = join(folder.path, 'broken.wav');
    await writeFile(broken, 'RIFF');
    const { code, stdout, stderr } = await runCommand('codes', '--pattern', '\\d{4}', broken, 'samples/pin.wav');
    expect(code).toBe(1);
    expect(stdout).toContain('4729');
    expect(stderr).toContain(broken);
  });
});

describe('rules', () => {
  const grxml = `<grammar root="pin"><rule id="pin"><item repeat="4"><one-of>
    ${['zero', 'one', 'two', 'three', 'four', 'five', 'six', 'seven', 'eight', 'nine'].map((word) => `<item>${word}</item>`).join('')}
  </one-of></item></rule></grammar>`;

  test.each([
    ['in JSGF', 'samples/pin.gram', '4729'],
    ['in XML', 'pin.grxml', 'four seven two nine'],
    ['that are built in', 'builtin:grammar/digits?length=4', '4729'],
  ])('%s say what may be said and how it is written', async (_, grammar, written) => {
    await writeFile(join(folder.path, 'pin.grxml'), grxml);
    const file = grammar === 'pin.grxml' ? join(folder.path, grammar) : grammar;
    const { stdout } = await runCommand('codes', '--json', '--alternatives', '2', '-g', file, 'samples/pin.wav');
    const [{ codes }] = JSON.parse(stdout);
    expect(codes).toMatchObject([{ written, complete: true, valid: true, alternatives: { length: 2 } }]);
    const transcribed = await runCommand('transcribe', '--json', '-g', file, 'samples/pin.wav');
    expect(JSON.parse(transcribed.stdout)).toMatchObject([{ text: 'four seven two nine', codes: [{ written }] }]);
  });

  test('with a fault are refused with its place', async () => {
    const file = join(folder.path, 'faulty.gram');
    await writeFile(file, '#JSGF V1.0;\ngrammar pin;\npublic <pin> = one | zebra;');
    const { code, stderr } = await runCommand('codes', '-g', file, 'samples/pin.wav');
    expect(stderr).toContain("'zebra' (line 3, column 22)");
    expect(code).toBe(2);
  });
});

describe('--mask', () => {
  test.each([['--json'], ['--csv'], ['--alternatives=1']])(
    'leaves nothing of a code but its end with %s',
    async (option) => {
      const args = ['--mask', '--pattern', '\\d{3}-\\d{3}-\\d{4}', 'samples/phone-number.wav'];
      const { stdout, stderr } = await runCommand('codes', option, ...args);
      expect(stdout).toContain('***-***-0746');
      expect(stdout + stderr).not.toMatch(/555-|198-|five|nine|seven/);
    },
  );

  test.each([['--json'], ['--srt'], ['--alternatives=1']])(
    'leaves no word of it in what transcribe prints with %s',
    async (option) => {
      const args = ['--mask', '--pattern', '\\d{4}', 'samples/pin.wav'];
      const { stdout, stderr } = await runCommand('transcribe', option, ...args);
      expect(stdout).toContain('*');
      expect(stdout + stderr).not.toMatch(/four|seven|two|nine/);
    },
  );
});

describe('hearken transcribe --pattern', () => {
  test('writes codes beside the words', async () => {
    const { stdout } = await runCommand('transcribe', '--json', '--pattern', '\\d{4}', 'samples/pin.wav');
    expect(JSON.parse(stdout)).toMatchObject([
      { text: 'four seven two nine', codes: [{ written: '4729', valid: true }] },
    ]);
    const forPeople = await runCommand('transcribe', '--pattern', '\\d{5}', '--margin', '0', 'samples/pin.wav');
    expect(forPeople.stdout).toContain('code 4729 (not whole)\n');
  });
});

test.each([
  ['codes samples/pin.wav', 'Expected --pattern'],
  ['codes --check luhn samples/pin.wav', 'Expected --check with --pattern or rules only'],
  ['transcribe --mask samples/pin.wav', 'Expected --mask with --pattern or rules only'],
  ['codes --numbers --grammar samples/pin.gram samples/pin.wav', 'Expected --numbers with --pattern only'],
  ['codes --grammar samples/pin.txt samples/pin.wav', 'Expected --grammar to be a file in JSGF'],
  ['codes --grammar builtin:grammar/date samples/pin.wav', 'Expected `builtin:grammar/digits`'],
  ['codes --pattern \\d --check lun samples/pin.wav', 'Expected names of luhn, mod97'],
  ['codes --pattern a(?=b) samples/pin.wav', 'column 2 of the pattern'],
  ['codes --pattern % samples/pin.wav', 'no word for %'],
  ['codes --pattern \\d --list nowhere samples/pin.wav', 'nowhere'],
  ['codes --pattern \\d --json --csv samples/pin.wav', 'cannot be used with'],
  ['codes --pattern \\d --margin -1 samples/pin.wav', 'Expected a number in 0..1000'],
  ['transcribe --pattern \\d --grammar digits samples/pin.wav', 'cannot be used with'],
])('%s is refused', async (line, says) => {
  const { code, stderr } = await runCommand(...line.split(' '));
  expect(stderr).toContain(says);
  expect(code).toBe(2);
});
