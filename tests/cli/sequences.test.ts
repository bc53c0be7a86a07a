/** The command line with models of sequences. */
import { existsSync } from 'node:fs';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

import { beforeAll, expect, test } from 'vitest';

import { reportOf } from '../../cli/sequence-eval.ts';
import { loadBackend } from '../../src/backend/backends.ts';
import { loadSequenceModel } from '../../src/index.ts';
import type { ModelConfig } from '../../src/model/config.ts';
import { configOf, PARTS, tinyFolder } from '../sequence/tiny-model.ts';
import { runCommand, spawnCommand } from './run-command.ts';

beforeAll(() => loadBackend('cpu'));

const CONFIG = configOf(PARTS[0]!);

test('hearken decode answers each text, and draws the alignment of one', async () => {
  const folder = await tinyFolder(CONFIG);
  await using model = await loadSequenceModel(folder);
  const [[one], [two]] = [await model.decode('abc'), await model.decode('dd')];
  const plain = await runCommand('decode', folder, 'abc', 'dd');
  expect(plain).toMatchObject({ code: 0, stdout: `${one?.text}\n${two?.text}\n`, stderr: '' });
  const best = await runCommand('decode', folder, 'abc', '--nbest', '2');
  expect(best.stdout).toMatch(/^1\t-\d+\.\d{3}\t.*\n2\t-\d+\.\d{3}\t.*\n$/);
  const json = await runCommand('decode', folder, 'abc', '--json');
  expect(JSON.parse(json.stdout)).toEqual({ input: 'abc', hypotheses: [one] });

  const picture = join(folder, 'attention.svg');
  expect(await runCommand('decode', folder, 'abc', '--attention', picture)).toMatchObject({ code: 0 });
  expect(await readFile(picture, 'utf8')).toContain('>a</text>');
  const other = join(folder, 'config.json');
  expect(await runCommand('decode', folder, 'abc', '--attention', other)).toMatchObject({
    code: 2,
    stderr: expect.stringContaining('which holds something else'),
  });
  expect(await runCommand('decode', folder, '--attention', picture)).toMatchObject({
    code: 2,
    stderr: 'hearken: Expected one TEXT to draw the attention of, got 0\n',
  });
  expect(await runCommand('decode', folder, 'abc', '--nbest', '5')).toMatchObject({ code: 2 });
  expect(await runCommand('decode', folder, 'ax')).toMatchObject({
    code: 1,
    stderr: "hearken: Expected characters that the model knows, got 'x' as symbol 2 (symbols/unknown)\n",
  });
});

test('hearken decode answers lines of standard input, and loses none for a wrong one', async () => {
  const folder = await tinyFolder(CONFIG);
  await using model = await loadSequenceModel(folder);
  const texts = (await model.decodeAll(['ab', 'cd'])).map(([best]) => best?.text);
  const { code, stdout, stderr } = await spawnCommand(['decode', folder], new TextEncoder().encode('ab\r\nax\ncd'));
  expect(stdout).toBe(`${texts[0]}\n\n${texts[1]}\n`);
  expect(stderr).toBe(
    "hearken: line 2: Expected characters that the model knows, got 'x' as symbol 2 (symbols/unknown)\n" +
      'hearken: Expected all lines to be answered, got 1 that were not (decode/failed)\n',
  );
  expect(code).toBe(1);
});

test('hearken eval counts wrong sequences and symbols of pairs', async () => {
  const folder = await tinyFolder(CONFIG);
  await using model = await loadSequenceModel(folder);
  const texts = (await model.decodeAll(['ab', 'cd'])).map(([best]) => best?.text ?? '');
  const pairs = join(folder, 'pairs.tsv');
  await writeFile(pairs, `ab\t${texts[0]}\ncd\t${texts[1]} x\n`);
  const { code, stdout } = await runCommand('eval', folder, '--pairs', pairs, '--json');
  expect(code).toBe(0);
  expect(JSON.parse(stdout)).toMatchObject({
    model: 'sequences',
    sequences: { errors: 1, total: 2, rate: 0.5 },
    symbols: { errors: 1, deletions: 1, substitutions: 0, insertions: 0 },
    wrong: [{ input: 'cd', output: `${texts[1]} x`, written: texts[1] }],
  });
  expect((await runCommand('eval', folder, '--pairs', pairs)).stdout).toContain('50.00 %');
  await writeFile(pairs, 'ab\n');
  expect(await runCommand('eval', folder, '--pairs', pairs)).toMatchObject({
    code: 2,
    stderr: expect.stringContaining('Expected an input, a tab and an output in line 1'),
  });
  expect(await runCommand('eval', folder)).toMatchObject({
    code: 2,
    stderr: 'hearken: Expected --pairs FILE.tsv: the model sequences has no evaluation of its own\n',
  });
});

test('outputs of characters are counted by characters, others by words', () => {
  const pairs = [{ input: 'i', output: 'ab c' }];
  const spelled = {
    name: 'm',
    heads: { decoder: { ...CONFIG.heads.decoder!, symbols: { unit: 'character', symbols: ['a'] } } },
  } as const;
  expect(reportOf(spelled, 'f', pairs, ['ab d'])).toMatchObject({ symbols: { errors: 1, total: 4 } });
  expect(reportOf(CONFIG, 'f', pairs, ['ab d'])).toMatchObject({ symbols: { errors: 1, total: 2 } });
});

test('hearken inspect and models tell the parts of a model of sequences, export writes its graphs', async () => {
  const folder = await tinyFolder(CONFIG);
  const { stdout } = await runCommand('inspect', folder);
  expect(stdout).toContain('encoder     lstm, 2 layers of 8; sees past and future, cannot stream');
  expect(stdout).toContain('decodePrepare.onnx decodeStep.onnx encode.onnx');
  expect((await runCommand('inspect', folder, '--tensors')).stdout).toContain('decoder.gru.hidden');
  expect(JSON.parse((await runCommand('inspect', folder, '--json')).stdout)).toMatchObject({
    isChecked: true,
    config: { version: 2 },
  });
  const listing = JSON.parse((await runCommand('models', folder, '--json')).stdout) as { models: { folder: string }[] };
  expect(listing.models.find((model) => model.folder === folder)).toMatchObject({
    kind: 'sequences',
    hears: 'takes in 4 characters, writes 3 words',
  });
  const exported = await runCommand('export', folder, '--json');
  expect((JSON.parse(exported.stdout) as { cell: string }[]).map(({ cell }) => cell)).toEqual([
    'encode',
    'decodePrepare',
    'decodeStep',
  ]);
  expect(existsSync(join(folder, 'onnx', 'encode.onnx'))).toBe(true);
});

const READ_AT_END = { ...CONFIG, memory: { kind: 'full', heads: 2 } } as const;
const CLASSES: ModelConfig = { ...READ_AT_END, heads: { classifier: { labels: ['low', 'high'] } } };
const NUMBERS: ModelConfig = { ...READ_AT_END, heads: { regression: { outputs: 2 } } };

test('hearken decode says the class of each text, or its numbers', async () => {
  const folder = await tinyFolder(CLASSES);
  await using model = await loadSequenceModel(folder);
  const [one, two] = await model.answerAll(['abc', 'dd']);
  const plain = await runCommand('decode', folder, 'abc', 'dd');
  expect(plain).toMatchObject({ code: 0, stdout: `${one?.labels?.[0]?.label}\n${two?.labels?.[0]?.label}\n` });
  const both = await runCommand('decode', folder, 'abc', '--nbest', '2');
  expect(both.stdout).toMatch(/^1\t[01]\.\d{3}\t(low|high)\n2\t[01]\.\d{3}\t(low|high)\n$/);
  const json = await runCommand('decode', folder, 'abc', '--json');
  expect(JSON.parse(json.stdout)).toEqual({ input: 'abc', labels: one?.labels });
  const lines = await spawnCommand(['decode', folder], new TextEncoder().encode('abc\nax\n'));
  expect(lines).toMatchObject({ code: 1, stdout: `${one?.labels?.[0]?.label}\n\n` });
  expect(await runCommand('decode', folder, 'abc', '--attention', join(folder, 'attention.svg'))).toMatchObject({
    code: 2,
    stderr: 'hearken: Expected --attention with a model that writes, got sequences, which does not\n',
  });
  expect(existsSync(join(folder, 'attention.svg'))).toBe(false);
  const numbers = await tinyFolder(NUMBERS);
  await using measuring = await loadSequenceModel(numbers);
  const [expected] = await measuring.answerAll(['abc']);
  expect(await runCommand('decode', numbers, 'abc')).toMatchObject({ stdout: `${expected?.numbers?.join(' ')}\n` });
});

test('hearken eval counts wrong labels, and measures numbers', async () => {
  const folder = await tinyFolder(CLASSES);
  await using model = await loadSequenceModel(folder);
  const [one] = await model.answerAll(['abc']);
  const said = one?.labels?.[0]?.label ?? '';
  const other = said === 'low' ? 'high' : 'low';
  const pairs = join(folder, 'pairs.tsv');
  await writeFile(pairs, `abc\t${said}\nabc\t${other}\n`);
  const { code, stdout } = await runCommand('eval', folder, '--pairs', pairs, '--json');
  expect(code).toBe(0);
  const report = JSON.parse(stdout) as object;
  expect(report).toMatchObject({
    sequences: { errors: 1, total: 2 },
    wrong: [{ input: 'abc', output: other, written: said }],
  });
  expect(report).not.toHaveProperty('symbols');
  expect((await runCommand('eval', folder, '--pairs', pairs)).stdout).toContain('50.00 %');

  const numbers = await tinyFolder(NUMBERS);
  await using measuring = await loadSequenceModel(numbers);
  const [first = 0, second = 0] = (await measuring.answerAll(['abc']))[0]?.numbers ?? [];
  await writeFile(pairs, `abc\t${first + 3} ${second}\nabc\t${first - 4} ${second}\n`);
  const measured = await runCommand('eval', numbers, '--pairs', pairs, '--json');
  const { rmse } = JSON.parse(measured.stdout) as { readonly rmse: readonly number[] };
  expect(rmse[0]).toBeCloseTo(Math.sqrt((9 + 16) / 2), 5);
  expect(rmse[1]).toBeCloseTo(0, 5);
  await writeFile(pairs, 'abc\t1 x\n');
  expect(await runCommand('eval', numbers, '--pairs', pairs)).toMatchObject({
    code: 2,
    stderr: expect.stringContaining("Expected 2 numbers as output of 'abc'"),
  });
});

test('hearken models says what a classifier and a regression say', async () => {
  const { stdout } = await runCommand('models', await tinyFolder(CLASSES), await tinyFolder(NUMBERS));
  expect(stdout).toMatch(/sequences +takes in \d+ characters, says which of 2 classes/);
  expect(stdout).toMatch(/sequences +takes in \d+ characters, says 2 numbers/);
});
