/** The command line with models of sequences. */
import { existsSync } from 'node:fs';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

import { beforeAll, expect, test } from 'vitest';

import { reportOf } from '../../cli/sequence-eval.ts';
import { loadBackend } from '../../src/backend/backends.ts';
import { loadSequenceModel } from '../../src/index.ts';
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
  expect(reportOf(spelled, 'f', pairs, ['ab d']).symbols).toMatchObject({ errors: 1, total: 4 });
  expect(reportOf(CONFIG, 'f', pairs, ['ab d']).symbols).toMatchObject({ errors: 1, total: 2 });
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
