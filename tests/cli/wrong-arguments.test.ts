import { cp, mkdir, rm, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';

import { runCommand } from './run-command.ts';
import { temporaryFolder, writeTinyModel } from './tiny-model.ts';

let folder: Awaited<ReturnType<typeof temporaryFolder>>;

/** What the wrong command lines name, `@/NAME` below. */
const FILES: Readonly<Record<string, string | Uint8Array>> = {
  'empty.txt': '',
  'binary.txt': Uint8Array.from({ length: 4_096 }, (_, index) => (index * 31) % 256),
  'escapes.txt': '\u001B]0;owned\u0007 \u009B31mred\u001B[0m',
  'endless.txt': 'one'.repeat(10_000),
  'huge.txt': 'one '.repeat(500_000),
  'throws.ts': 'throw new Error(`no ${1 + 1}\\nfor you`);',
  'throws.js': 'null.steps;',
  'broken.ts': 'export default {',
  'broken.js': '\u0000\u0001\u001B[31m',
  'nothing.ts': 'export const recipe = 1;',
  'null.js': 'export default null;',
  'number.js': 'export default 5;',
  'no-examples.js': 'export default { config: {}, training: {} };',
  'examples.js': 'export default { config: {}, training: { steps: 1, validateEvery: 1, seed: 1 }, examples: 3 };',
  'steps.js': 'export default { config: {}, training: { steps: -1 }, examples: () => ({}) };',
  'config.js':
    'const training = { seed: 1, steps: 1, learningRate: 1, warmup: 0, validateEvery: 1, batchSize: 1, batchFrames: 1, ' +
    'ctcWeight: 1, labelSmoothing: 0, scheduledSampling: 0, dropout: 0, shardPasses: 1, ' +
    'specAugment: { frequencyMasks: 0, frequencyMaskBands: 0, timeMasksPerSecond: 0, timeMaskFrames: 0 } };' +
    'export default { config: { format: "\u001B[31m" }, training, examples: () => ({}) };',
  'train.jsonl': '{"audio_filepath": "missing.wav", "duration": 1, "text": "one"}\n',
  'bad.jsonl': '{"audio_filepath"\u001B[31m',
  'config.yaml': 'prot: 80',
};

beforeAll(async () => {
  folder = await temporaryFolder();
  await writeTinyModel(join(folder.path, 'tiny'));
  for (const [name, content] of Object.entries(FILES)) await writeFile(join(folder.path, name), content);
  for (const name of ['foreign', 'flat'])
    await cp(join(folder.path, 'tiny'), join(folder.path, name), { recursive: true });
  await writeFile(join(folder.path, 'foreign', 'onnx', 'encode.onnx'), 'my notes');
  await rm(join(folder.path, 'flat', 'onnx'), { recursive: true });
  await writeFile(join(folder.path, 'flat', 'onnx'), '');
  await mkdir(join(folder.path, 'folder'));
  await symlink('nowhere', join(folder.path, 'dangling'));
  await mkdir(join(folder.path, 'run'));
  await writeFile(join(folder.path, 'run', 'log.jsonl'), '{"step":1}\n');
  await mkdir(join(folder.path, 'logs'));
  await writeFile(join(folder.path, 'logs', 'log.jsonl'), '{"visitor":1}\n');
});
afterAll(() => folder[Symbol.asyncDispose]());

const ESCAPES = '\u001B[31mred\u0007\u009B\n';
const TRAIN = 'train models/codes-en/recipe.ts';
const MANIFESTS = 'train --manifest @/train.jsonl --dev @/train.jsonl';

test.each<{ line: string; says: string }>([
  { line: 'nosuch', says: "unknown command 'nosuch'" },
  { line: 'help nosuch', says: 'Expected a subcommand to help with, got nosuch' },
  { line: 'help help help', says: 'too many arguments' },
  { line: 'keys nosuch', says: "unknown command 'nosuch'" },
  { line: 'keys help nosuch', says: "unknown command 'help'" },
  { line: 'keys new', says: "missing required argument 'name'" },
  { line: 'keys new a/b', says: 'Expected a name of 1..64 letters' },
  { line: 'keys new ESCAPES', says: '\\u001b[31mred\\u0007\\u009b' },
  { line: 'devices cpu', says: 'too many arguments' },
  { line: 'devices --model @/folder', says: 'which holds no model' },
  { line: 'serve --device abacus', says: 'Allowed choices are auto, cpu, webgpu, cuda, tfjs' },
  { line: 'stream --model recall-tokens --device abacus', says: 'Allowed choices are auto, cpu, webgpu, cuda, tfjs' },
  { line: 'decode g2p-en --device abacus word', says: 'Allowed choices are auto, cpu, webgpu, cuda, tfjs' },
  { line: 'eval mqar --device cpu', says: 'Expected no --device: the evaluation of mqar says itself what computes' },
  { line: 'ESCAPES', says: '\\u001b[31mred\\u0007\\u009b' },
  { line: '--ESCAPES', says: '\\u001b[31mred\\u0007\\u009b' },

  { line: 'transcribe', says: "missing required argument 'files'" },
  { line: 'transcribe EMPTY', says: 'Expected arguments of transcribe not to be empty' },
  { line: 'transcribe ESCAPES', says: '\\u001b[31mred\\u0007\\u009b' },
  { line: 'transcribe @/folder', says: 'Expected a file, got the folder' },
  { line: 'transcribe @/dangling', says: 'there is none' },
  { line: 'transcribe samples/pin.wav/x', says: 'ENOTDIR' },
  { line: 'transcribe samples/pin.wav -m EMPTY', says: 'Expected --model not to be empty' },
  { line: 'transcribe samples/pin.wav -m samples/pin.wav', says: 'got the file samples/pin.wav' },
  { line: 'transcribe samples/pin.wav -m @/folder', says: 'which holds no model' },
  { line: 'transcribe samples/pin.wav -m ESCAPES', says: '\\u001b[31mred\\u0007\\u009b' },
  {
    line: 'transcribe samples/pin.wav -m nosuch',
    says: 'a model that comes with hearken (codes-en, recall-speech), got nosuch',
  },
  { line: 'transcribe samples/pin.wav -d EMPTY', says: 'Allowed choices are auto, cpu' },
  { line: 'transcribe samples/pin.wav -g EMPTY', says: 'Expected --grammar not to be empty' },
  { line: 'transcribe samples/pin.wav -m @/tiny -g @/folder', says: 'Expected a file, got the folder' },
  { line: 'transcribe samples/pin.wav -m @/tiny -g @/binary.txt', says: 'to be a text of words, got another kind' },
  { line: 'transcribe samples/pin.wav -m @/tiny -g @/empty.txt', says: 'Expected at least one word' },
  { line: 'transcribe samples/pin.wav -m @/tiny -g @/endless.txt', says: 'oneone…' },
  { line: 'transcribe samples/pin.wav -m @/tiny -g @/huge.txt', says: '1048576 bytes at most' },
  { line: 'transcribe samples/pin.wav -m @/tiny -g @/escapes.txt', says: "got '\\u001b]0;owned\\u0007'" },
  { line: 'transcribe samples/pin.wav -m @/tiny -g /dev/zero', says: '1048576 bytes at most' },
  { line: 'transcribe samples/pin.wav -m @/tiny -g ESCAPES', says: '\\u001b[31mred\\u0007\\u009b' },
  { line: 'transcribe - --rate 1e9 --format s16le', says: "'--rate <Hz>' argument '1e9' is invalid" },
  { line: 'transcribe - --rate 3999 --format s16le', says: 'Expected a whole number in 4000..768000' },
  { line: 'transcribe - --rate NaN --format s16le', says: 'Expected a whole number in 4000..768000' },
  { line: 'transcribe - --rate -8000 --format s16le', says: 'Expected a whole number in 4000..768000' },
  { line: 'transcribe - --rate 8000.5 --format s16le', says: 'Expected a whole number in 4000..768000' },
  { line: 'transcribe - --rate EMPTY --format s16le', says: 'Expected a whole number in 4000..768000' },
  { line: 'transcribe - --rate 8000 --format S16', says: 'Allowed choices are u8, s16le' },
  { line: 'transcribe - --rate 8000 --format s16le --channels 0', says: 'Expected a whole number in 1..65535' },
  { line: 'transcribe - --rate 8000 --format s16le --channels 1e9', says: 'Expected a whole number in 1..65535' },
  { line: 'transcribe samples/pin.wav --attention samples/pin.wav', says: 'samples/pin.wav, which is read' },
  { line: 'transcribe samples/pin.wav --attention @/folder', says: 'got the folder' },
  { line: 'transcribe samples/pin.wav --attention @/none/a.png', says: 'where nothing can be written (ENOENT)' },

  { line: 'inspect', says: "missing required argument 'model'" },
  { line: 'inspect nosuch', says: 'got nosuch: there is none' },
  { line: 'inspect samples/pin.wav', says: 'got the file samples/pin.wav' },
  { line: 'inspect @/folder', says: 'which holds no model' },
  { line: 'inspect models/salient-recall', says: '/salient-recall/recipe.ts` makes them' },
  { line: 'translate --beam 0 text', says: 'Expected a whole number in 1..4096' },
  { line: 'translate --model @/folder text', says: 'which holds no model' },
  { line: 'inspect EMPTY', says: 'not to be empty' },
  { line: 'inspect codes-en codes-en', says: 'too many arguments' },
  { line: 'export nosuch', says: 'got nosuch: there is none' },
  { line: 'export samples/pin.wav', says: 'got the file samples/pin.wav' },
  { line: 'export @/folder', says: 'which holds no model' },

  { line: 'train samples/pin.wav', says: 'Expected a recipe file, .ts or .js, got samples/pin.wav' },
  { line: 'train @/folder', says: 'Expected a file, got the folder' },
  { line: 'train @/throws.ts', says: 'to load as a recipe, got Error: no 2 for you at /' },
  { line: 'train @/throws.js', says: 'to load as a recipe, got TypeError: Cannot read' },
  { line: 'train @/broken.ts', says: 'to load as a recipe, got' },
  { line: 'train @/broken.js', says: 'to load as a recipe, got' },
  { line: 'train @/nothing.ts', says: 'of a recipe (config, training, examples), got `recipe`' },
  { line: 'train @/null.js', says: 'to export default a recipe, got object' },
  { line: 'train @/number.js', says: 'to export default a recipe, got number' },
  { line: 'train @/no-examples.js', says: 'Expected a recipe to have `examples`, got none' },
  { line: 'train @/examples.js', says: 'Expected `examples` to be a function, got 3' },
  { line: 'train @/steps.js', says: 'Expected `steps` to be an integer in 1..' },
  { line: 'train @/config.js', says: 'in the recipe' },
  { line: 'export @/foreign', says: 'encode.onnx, which is no ONNX graph' },
  { line: 'export @/flat', says: 'EEXIST' },
  { line: `${TRAIN} --out samples/pin.wav`, says: 'Expected --out to be a folder, got the file samples/pin.wav' },
  { line: `${TRAIN} --out EMPTY`, says: 'Expected --out not to be empty' },
  { line: `${TRAIN} --out models/codes-en`, says: 'models/codes-en, which holds a model (config.json)' },
  { line: `${TRAIN} --out models/codes-en --resume`, says: 'models/codes-en, which holds a model (config.json)' },
  { line: `${TRAIN} --out @/run`, says: 'which holds a run: add --resume' },
  { line: `${TRAIN} --out @/logs --resume`, says: 'which holds a run' },
  { line: `${TRAIN} --out samples/pin.wav/run`, says: 'ENOTDIR' },
  { line: `${TRAIN} --from nosuch`, says: 'got nosuch: there is none' },
  { line: `${TRAIN} --from samples/pin.wav`, says: 'got the file samples/pin.wav' },
  { line: `${TRAIN} --from @/folder`, says: 'which holds no model' },
  { line: `${TRAIN} --steps many`, says: 'Expected a whole number in 1..1000000000' },
  { line: `${TRAIN} --steps 0`, says: 'Expected a whole number in 1..1000000000' },
  { line: `${TRAIN} --steps 1e300`, says: 'Expected a whole number in 1..1000000000' },
  { line: `${TRAIN} --steps NaN`, says: 'Expected a whole number in 1..1000000000' },
  { line: `${TRAIN} --backend xx`, says: 'Allowed choices are tensorflow, webgpu, wasm, cpu' },
  { line: `${TRAIN} --device tfjs`, says: 'Allowed choices are auto, cpu, webgpu, cuda' },
  { line: `${TRAIN} --device cpu --backend wasm`, says: "cannot be used with option '-d, --device <name>'" },
  {
    line: 'train models/salient-recall/recipe.ts --out @/recall --from codes-en',
    says: 'Expected a recipe of a model',
  },
  { line: 'train --manifest @/folder --dev @/train.jsonl --out @/new', says: 'Expected a file, got the folder' },
  {
    line: 'train --manifest samples/pin.wav --dev @/train.jsonl --out @/new',
    says: 'Expected line 1 of samples/pin.wav',
  },
  { line: 'train --manifest @/bad.jsonl --dev @/train.jsonl --out @/new', says: 'Expected line 1 of' },
  { line: 'train --manifest @/empty.txt --dev @/train.jsonl --out @/new', says: 'Expected lines in' },
  { line: `${MANIFESTS} --out @/new`, says: 'Expected a recording for line 1 of' },

  { line: 'eval nosuch', says: 'got nosuch: there is none' },
  {
    line: 'eval @/tiny --set nosuch',
    says: 'Expected --set to be one of human-dev, human-extra, human-test, human-all, synthetic, commands, got nosuch',
  },
  { line: 'eval @/tiny --set commands --second', says: 'Expected --set commands without --second' },
  { line: 'eval @/tiny --snr 10', says: 'Expected --noise and --snr together' },
  { line: 'eval @/tiny --noise white --snr NaN', says: 'Expected a number in -100..100' },
  { line: 'eval @/tiny --noise white --snr Infinity', says: 'Expected a number in -100..100' },
  { line: 'eval @/tiny --noise pink --snr 10', says: 'Allowed choices are white' },
  { line: 'eval @/tiny --sampled-at 0', says: 'Expected a whole number in 4000..16000' },
  { line: 'eval @/tiny --speed 0', says: 'Expected a number in 0.5..2' },
  { line: 'eval @/tiny --after -1', says: 'Expected a number in 0..3600' },
  { line: 'eval @/tiny --after 1e9', says: 'Expected a number in 0..3600' },
  { line: 'eval @/tiny --decoder nosuch', says: 'Allowed choices are ctc' },
  { line: 'eval @/tiny --hide-memory nosuch', says: 'Allowed choices are read, decoder, both' },
  { line: 'eval @/tiny --hide-memory decoder --decoder ctc', says: 'Expected --hide-memory read with --decoder ctc' },
  { line: 'eval g2p-en --hide-memory read', says: 'Expected --hide-memory with a model of speech, got g2p-en' },
  { line: 'eval mqar --sampled-at 8000', says: 'Expected --sampled-at with a model of speech, got mqar' },
  { line: 'eval recall-tokens --second', says: 'Expected --second with a model of speech, got recall-keyed' },
  { line: 'eval @/tiny --manifest @/folder', says: 'Expected a file, got the folder' },
  { line: 'eval @/tiny --manifest samples/pin.wav', says: 'Expected line 1 of samples/pin.wav' },
  { line: 'eval @/tiny --manifest @/train.jsonl', says: 'Expected a recording for line 1 of' },
  { line: 'eval @/tiny --manifest @/train.jsonl --grammar nosuch', says: 'Expected a grammar of the model' },
  { line: 'eval @/tiny --manifest @/train.jsonl --set synthetic', says: "cannot be used with option '--set" },

  { line: 'serve x', says: 'too many arguments' },
  { line: 'serve --config @/folder', says: 'Expected a file, got the folder' },
  { line: 'serve --config @/config.yaml', says: 'Expected a setting, got `prot`; did you mean `port`?' },
  { line: 'serve --config @/escapes.txt', says: '@/escapes.txt:1' },
  { line: 'serve --check', says: 'Expected --check with --config FILE' },
  { line: 'serve --port 65536', says: 'Expected a whole number in 0..65535' },
  { line: 'serve --model a=nosuch', says: 'got nosuch: there is none' },
  { line: 'serve --port -1', says: 'Expected a whole number in 0..65535' },
  { line: 'serve --vosk-port http', says: 'Expected a whole number in 0..65535' },
  { line: 'serve --max-streams 0', says: 'Expected a whole number in 1..100000' },
  { line: 'serve --max-streams 1e9', says: 'Expected a whole number in 1..100000' },
  { line: 'serve --host EMPTY', says: 'Expected --host not to be empty' },
  { line: 'serve --model a=samples/pin.wav', says: 'got the file samples/pin.wav' },
  { line: 'serve --model a=@/folder', says: 'which holds no model' },
  { line: 'serve --model =codes-en', says: 'Expected --model ID=DIR' },
  { line: 'serve --model no-such', says: 'no-such' },
  { line: 'serve --sessions samples/pin.wav', says: 'Expected a folder, got the file samples/pin.wav' },
  { line: 'serve --keys @/none', says: 'ENOENT' },
  { line: 'serve --keys @/folder', says: 'EISDIR' },
  { line: 'serve --keys @/binary.txt', says: 'binary.txt:1 Expected NAME' },
  { line: 'serve --origin example.org', says: 'Expected --origin to be an origin such as' },
  { line: 'serve --tls-cert @/none', says: 'Expected --tls-cert and --tls-key together' },
  { line: 'serve --tls-cert @/none --tls-key @/none', says: 'ENOENT' },
  { line: 'serve --tls-cert @/binary.txt --tls-key @/binary.txt', says: 'Expected a certificate in' },

  { line: 'listen samples/pin.wav', says: "required option '-u, --url <url>' not specified" },
  { line: 'listen samples/pin.wav --url http://127.0.0.1', says: 'Expected --url to begin with ws://' },
  { line: 'listen --url ws://127.0.0.1:1/v1/stream', says: 'Expected a file, -, or --microphone' },
  { line: 'listen @/folder --url ws://127.0.0.1:1/v1/stream', says: 'Expected a file, got the folder' },
  { line: 'listen @/none --url ws://127.0.0.1:1/v1/stream', says: 'there is none' },
  { line: 'listen - --rate 1e9 --format s16le --url ws://127.0.0.1:1/v1/stream', says: "'--rate <Hz>' argument '1e9'" },
  { line: 'listen - --rate 8000 --url ws://127.0.0.1:1/v1/stream', says: 'Expected --rate and --format together' },
])('hearken $line is refused in one line with exit code 2', async ({ line, says }) => {
  const placed = (text: string): string => text.replaceAll('@/', `${folder.path}/`);
  const args = line.split(' ').map((word) => placed(word.replace('ESCAPES', ESCAPES).replace('EMPTY', '')));
  const { code, stdout, stderr } = await runCommand(...args);
  expect(stderr).toContain(placed(says));
  expect(stderr).toMatch(/^hearken: [^\p{Cc}]{1,1200}\n$/u);
  expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
});
