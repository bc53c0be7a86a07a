import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';

import { afterAll, beforeAll, expect, test } from 'vitest';

import { loadModel, type Model } from '../../src/index.ts';
import { tones } from './tiny-engine.ts';
import { writeTracedModel } from './traced-model.ts';

let folder: string;
let model: Model;

beforeAll(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'hearken-model-'));
  await writeTracedModel(folder);
  model = await loadModel(folder, { device: 'cpu' });
});
afterAll(async () => {
  await model[Symbol.asyncDispose]();
  await rm(folder, { recursive: true });
});

test('says which model it is and what computes', () => {
  expect(model).toMatchObject({ name: 'tiny', device: 'onnx-cpu', sampleRate: 16_000 });
  expect(model.vocabulary.labels).toEqual(['0', '1', 'o']);
});

test('computes in tfjs the words that onnxruntime computes', async () => {
  await using reference = await loadModel(folder, { device: 'tfjs' });
  const [expected, got] = [await reference.recognize(tones(2, 3)), await model.recognize(tones(2, 3))];
  expect(got.text).toBe(expected.text);
});

test('computes nothing once it is disposed of, by hand or at the end of `await using`, and is so only once', async () => {
  let left: Model;
  {
    await using used = await loadModel(folder);
    left = used;
    expect((await used.transcribe(tones(1, 3))).durationSeconds).toBe(1);
    await Promise.all([used.dispose(), used.dispose()]);
    await expect(used.transcribe(tones(1, 3))).rejects.toMatchObject({ code: 'executor/closed' });
  }
  await expect(left.recognize(tones(1, 3))).rejects.toMatchObject({ code: 'executor/closed' });
});

test('refuses a folder that is not there, naming the places it looked at', async () => {
  const message = expect.stringContaining(path.join('models', 'no-such-model'));
  await expect(loadModel('no-such-model')).rejects.toMatchObject({ code: 'model/not-found', message });
  await expect(loadModel('/no/such/model')).rejects.toMatchObject({ code: 'model/not-found' });
  await expect(loadModel(tmpdir())).rejects.toMatchObject({ code: 'model/missing-file' });
});

test('refuses a grammar the model does not have', async () => {
  await expect(loadModel(folder, { grammar: 'colours' })).rejects.toMatchObject({ code: 'grammar/unknown-name' });
});

test('stops when it is aborted', async () => {
  const reason = new Error('enough');
  await expect(loadModel(folder, { signal: AbortSignal.abort(reason) })).rejects.toBe(reason);
});

test.each([
  ['onnx/read.onnx', 'executor/graph', 'read'],
  ['onnx/decodeStep.onnx', 'executor/graph', 'decodeStep'],
  ['config.json', 'model/config', 'config.json'],
  ['model.safetensors', 'safetensors/truncated', 'bytes'],
])('refuses a folder whose %s is damaged: %s', async (file, code, word) => {
  const whole = await readFile(path.join(folder, file));
  try {
    await writeFile(path.join(folder, file), whole.subarray(0, 6));
    await expect(loadModel(folder)).rejects.toMatchObject({ code, message: expect.stringContaining(word) });
  } finally {
    await writeFile(path.join(folder, file), whole);
  }
});

test('refuses a folder of another version', async () => {
  const file = path.join(folder, 'config.json');
  const whole = await readFile(file, 'utf8');
  try {
    await writeFile(file, whole.replace('"version": 1', '"version": 3'));
    await expect(loadModel(folder)).rejects.toMatchObject({ code: 'model/version' });
  } finally {
    await writeFile(file, whole);
  }
});
