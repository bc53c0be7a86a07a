import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { pathToFileURL } from 'node:url';

import { afterAll, beforeAll, describe, expect, test } from 'vitest';

import { loadModel, loadTokenModel, type Model } from '../../src/index.ts';
import { createTokenModel } from '../../src/tokens/model.ts';
import { tones } from './tiny-engine.ts';
import { writeTracedModel } from './traced-model.ts';

let folder: string;
let model: Model;

beforeAll(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'hearken-options-'));
  await writeTracedModel(folder);
  model = await loadModel(pathToFileURL(folder));
});
afterAll(async () => {
  await model[Symbol.asyncDispose]();
  await rm(folder, { recursive: true });
});

// What callers without a compiler may write.
const wrong = (value: unknown): never => value as never;

type Refusal = readonly [what: string, call: () => unknown, code: string, says: string];

async function expectRefusal([, call, code, says]: Refusal): Promise<void> {
  const calling = async (): Promise<unknown> => call();
  await expect(calling()).rejects.toMatchObject({ code, message: expect.stringContaining(says) });
}

const audio = tones(1);

test.each<Refusal>([
  ['unknown', () => loadModel(folder, wrong({ devise: 'cpu' })), 'option/unknown-name', 'did you mean device?'],
  ['far from any', () => loadModel(folder, wrong({ x: 1 })), 'option/unknown-name', 'got `x`'],
  [
    'no device',
    () => loadModel(folder, wrong({ device: 'x' })),
    'option/unknown-value',
    'auto, cpu, webgpu, cuda, tfjs',
  ],
  ['nearly a device', () => loadModel(folder, wrong({ device: 'wegbpu' })), 'option/unknown-value', 'mean webgpu?'],
  ['no grammar', () => loadModel(folder, wrong({ grammar: 7 })), 'option/type', 'got 7'],
  ['no signal', () => loadModel(folder, wrong({ signal: new AbortController() })), 'option/type', 'AbortController'],
  ['no object', () => loadModel(folder, wrong('cpu')), 'option/type', "an object, got 'cpu'"],
  ['no path', () => loadModel(wrong(undefined)), 'option/type', '`folder` to be a path or a file: URL, got undefined'],
  ['a page', () => loadModel(new URL('http://127.0.0.1/')), 'option/type', 'file: URL'],
  ['no path', () => loadTokenModel(wrong(7)), 'option/type', '`folder`'],
  [
    'no device',
    () => loadTokenModel(folder, wrong({ device: 'x' })),
    'option/unknown-value',
    'cpu, webgpu, cuda, tfjs',
  ],
])('loadModel and loadTokenModel refuse an argument that is %s', (...row) => expectRefusal(row));

const methods = { stream: 'grammar', encode: 'sampleRate', decode: 'grammar', recognize: 'maximumWords' } as const;

describe.each(Object.entries(methods))('%s', (name, option) => {
  // The four are called alike; `wrong` gives each what it does not take.
  const method = (first: unknown, options: unknown): unknown =>
    (model[name as keyof typeof methods] as (...args: unknown[]) => unknown)(first, options);
  const input = name === 'recognize' ? audio : [];

  test.each<Refusal>([
    ['unknown', () => method(input, { [`${option}s`]: 1 }), 'option/unknown-name', `did you mean ${option}?`],
    ['of another type', () => method(input, { [option]: {} }), 'option/type', `\`${option}\``],
    ['no signal', () => method(input, { signal: 'now' }), 'option/type', "got 'now'"],
    ['null', () => method(input, null), 'option/type', `options of ${name} to be an object, got null`],
  ])('refuses an option that is %s', (...row) => expectRefusal(row));
});

test.each<Refusal>([
  ['no decoder', () => model.stream([], wrong({ decoder: 'x' })), 'option/unknown-value', 'joint, ctc, attention'],
  ['no decoder', () => model.decode([], wrong({ decoder: 'CTC' })), 'option/unknown-value', 'did you mean ctc?'],
  ['no decoder', () => model.recognize(audio, wrong({ decoder: true })), 'option/unknown-value', 'got true'],
  ['no attention', () => model.stream([], wrong({ attention: 'yes' })), 'option/unknown-value', 'true, false, binned'],
  ['a text', () => model.stream([], wrong({ sampleRate: '8000' })), 'option/type', "a number, got '8000'"],
  ['no count', () => model.recognize(audio, { maximumWords: 1.5 }), 'option/out-of-range', '1.5'],
])('a stream refuses an option that is %s', (...row) => expectRefusal(row));

test.each<Refusal>([
  ['samples', () => model.stream(wrong(audio)), 'option/type', 'got Float32Array of 16000: put it into an array'],
  ['nothing', () => model.stream(wrong(undefined)), 'option/type', 'got undefined'],
  ['a path', () => model.stream(wrong('a.wav')), 'option/type', "got 'a.wav'"],
  ['bytes', () => model.stream([wrong(Buffer.alloc(100))]).next(), 'option/type', 'got Buffer of 100'],
  ['integers', () => model.encode([wrong(new Int16Array(9))]).next(), 'option/type', 'got Int16Array of 9'],
  ['numbers', () => model.stream([wrong([0, 0.5])]).next(), 'option/type', 'got Array of 2'],
  ['chunks', () => model.decode([wrong(audio)]).next(), 'option/type', 'an encoding'],
  ['chunks', () => model.recognize(wrong([audio])), 'option/type', 'got Array of 1'],
])('a stream refuses %s where it takes something else', (...row) => expectRefusal(row));

test('a stream of tokens refuses what it does not take', async () => {
  // Refused before the engine is asked for anything but its sizes.
  const tokens = createTokenModel(
    wrong({ config: { alphabetSize: 4, labelCount: 2 }, executor: { inputs: () => [] } }),
  );
  await expectRefusal([
    '',
    () => tokens.encode([], wrong({ signals: 1 })),
    'option/unknown-name',
    'did you mean signal?',
  ]);
  await expectRefusal(['', () => tokens.encode(wrong(Int32Array.of(1))), 'option/type', 'put it into an array']);
});

test.each<Refusal>([
  ['unknown', () => model.transcribe(audio, wrong({ attention: true })), 'option/unknown-name', 'got `attention`'],
  ['near another', () => model.transcribe(audio, wrong({ gramar: 'x' })), 'option/unknown-name', 'mean grammar?'],
  ['no decoder', () => model.transcribe(audio, wrong({ decoder: 'x' })), 'option/unknown-value', "got 'x'"],
  ['no channel', () => model.transcribe('a.wav', wrong({ channel: 'rigth' })), 'option/unknown-value', 'mean right?'],
  ['no channel', () => model.transcribe('a.wav', { channel: -1 }), 'option/type', 'got -1'],
  ['of no use', () => model.transcribe(audio, { channel: 'left' }), 'option/unused', 'samples'],
  ['of no use', () => model.transcribe('a.wav', { sampleRate: 8_000 }), 'option/unused', 'knows its own'],
  ['integers', () => model.transcribe(wrong(new Int16Array(3))), 'option/type', 'got Int16Array of 3'],
  ['numbers', () => model.transcribe(wrong([0.1, 0.2])), 'option/type', 'got Array of 2'],
  ['nothing', () => model.transcribe(wrong(undefined)), 'option/type', 'got undefined'],
  ['a page', () => model.transcribe(new URL('https://example.org/a.wav')), 'option/type', "got 'https:"],
])('transcribe refuses an argument that is %s', (...row) => expectRefusal(row));

test('options that are undefined are as good as absent', async () => {
  const { text } = await model.transcribe(
    audio,
    wrong({ decoder: undefined, channel: undefined, sampleRate: undefined }),
  );
  expect(text).toBe((await model.transcribe(audio)).text);
});
