import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setImmediate } from 'node:timers/promises';
import { Worker } from 'node:worker_threads';
import { afterAll, beforeAll, expect, test } from 'vitest';

import { linkEngine } from '../../../server/engine/client.ts';
import { type RemoteStream, type EngineClient, engineOver, startEngine } from '../../../server/engine/client.ts';
import type { BatchReport, StreamSnapshot } from '../../../server/engine/protocol.ts';
import type { HearkenError } from '../../../src/errors.ts';
import { loadModel } from '../../../src/index.ts';
import { resolveGrammar } from '../../../src/text/vocabulary.ts';
import { cut, samplesOf, textOf } from '../recordings.ts';

const RECORDINGS = ['phone-number', 'pin', 'two-numbers'] as const;

let engine: EngineClient;
const batches: BatchReport[] = [];
beforeAll(async () => {
  const models = [{ id: 'en', folder: 'codes-en' }];
  engine = await startEngine({ models, onBatch: (report) => batches.push(report) });
});
afterAll(() => engine[Symbol.asyncDispose]());

function open(sampleRate = 16_000, from?: StreamSnapshot, over = engine): RemoteStream {
  const [model] = over.models;
  const grammar = resolveGrammar(model!.vocabulary); // it was started with one
  return over.open({ model: 'en', sampleRate, grammar, from });
}

/** The words of all finals of a recording, given in chunks as there is room for them. */
async function transcribeUpload(name: string, chunkLength: number): Promise<string> {
  const stream = open(22_050);
  const answers = [];
  for (const chunk of cut(await samplesOf(name, 22_050), chunkLength)) {
    await stream.room();
    answers.push(stream.push(chunk));
  }
  await stream.room();
  answers.push(stream.flush());
  const events = (await Promise.all(answers)).flat();
  stream.close();
  return events
    .filter((event) => event.type === 'final')
    .flatMap(({ words }) => words.map(({ word }) => word))
    .join(' ');
}

test('the thread says which models it serves', () => {
  expect(engine.models).toEqual([
    expect.objectContaining({ id: 'en', name: 'codes-en', sampleRate: 16_000, vocabulary: expect.any(Object) }),
  ]);
});

test('many streams at once are each heard to their own words, in shared batches', async () => {
  const heard = RECORDINGS.map((name, index) => transcribeUpload(name, [1600, 4000, 160_000][index] ?? 1600));
  expect(await Promise.all(heard)).toEqual(RECORDINGS.map(textOf));
  expect(Math.max(...batches.map(({ size }) => size))).toBeGreaterThan(1);
  expect(engine.load()).toEqual({ streams: 0, queuedSeconds: 0 });
});

test('samples are counted while they wait, and who does not wait for room is refused', async () => {
  const stream = open();
  const heard = [stream.push(new Float32Array(80_000))];
  expect(engine.load()).toEqual({ streams: 1, queuedSeconds: 5 });
  await expect(stream.push(new Float32Array(1))).rejects.toMatchObject({ code: 'stream/overflow' });
  await stream.room();
  expect(stream.queuedSeconds()).toBe(0);
  heard.push(stream.push(new Float32Array(1600)), stream.push(new Float32Array(0)));
  await expect(Promise.all(heard)).resolves.toHaveLength(3);
  stream.close();
});

test('chunks without samples find no room either once many of them wait', async () => {
  const stream = open();
  const heard = Array.from({ length: 256 }, () => stream.push(new Float32Array(0)));
  await expect(stream.push(new Float32Array(0))).rejects.toMatchObject({ code: 'stream/overflow' });
  await expect(Promise.all(heard)).resolves.toHaveLength(256);
  stream.close();
});

test('closing a stream rejects what it waits for and leaves its neighbours alone', async () => {
  const [stream, neighbor] = [open(), open()];
  const lost = stream.push(new Float32Array(32_000));
  const kept = neighbor.push(new Float32Array(32_000));
  stream.close();
  await expect(lost).rejects.toMatchObject({ code: 'stream/closed' });
  await expect(stream.flush()).rejects.toMatchObject({ code: 'stream/closed' });
  await expect(stream.room()).resolves.toBeUndefined();
  await expect(kept).resolves.toEqual(expect.any(Array));
  neighbor.close();
});

test('a snapshot taken over the thread lets another stream go on', async () => {
  const samples = await samplesOf('pin', 8000);
  const half = Math.floor(samples.length / 2);
  const first = open(8000);
  const before = await first.push(samples.slice(0, half));
  const from = await first.snapshot();
  first.close();
  const second = open(8000, from);
  const after = [...(await second.push(samples.slice(half))), ...(await second.flush())];
  second.close();
  const said = [...before, ...after].flatMap((event) => (event.type === 'final' ? [event.text] : []));
  expect(said.join(' ')).toBe(textOf('pin'));
});

test('streams of the library and of the engine go on from each other’s snapshots', async () => {
  await using model = await loadModel('codes-en');
  const samples = await samplesOf('pin', 8000);
  const [third, half] = [Math.floor(samples.length / 3), Math.floor(samples.length / 2)];
  const local = model.open({ sampleRate: 8000 });
  const events = [...(await local.push(samples.slice(0, third)))];
  const remote = open(8000, await local.snapshot());
  events.push(...(await remote.push(samples.slice(third, half))));
  const back = model.open({ from: await remote.snapshot() });
  for (const stream of [local, remote]) stream.close();
  events.push(...(await back.push(samples.slice(half))), ...(await back.flush()));
  back.close();
  const said = events.flatMap((event) => (event.type === 'final' ? [event.text] : []));
  expect(said.join(' ')).toBe(textOf('pin'));
});

test('a model that is not served is refused', () => {
  const grammar = { name: 'none', allowed: [], words: new Map<number, string>() };
  const openOther = (): RemoteStream => engine.open({ model: 'fr', sampleRate: 8000, grammar });
  expect(openOther).toThrow(expect.objectContaining({ code: 'model/unknown-id' }));
});

test('a model that cannot be loaded is refused with the reason that loadModel gives', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'hearken-'));
  await writeFile(join(folder, 'config.json'), '{');
  await expect(startEngine({ models: [{ id: 'a', folder }] })).rejects.toMatchObject({ code: 'model/config' });
  await rm(folder, { recursive: true });
  const missing = startEngine({ models: [{ id: 'a', folder: 'no-such-model' }] });
  await expect(missing).rejects.toMatchObject({ code: 'model/not-found' });
});

test('where the thread ends by itself, everything that waits is told, and so is the owner', async () => {
  const worker = new Worker("setTimeout(() => { throw new Error('out of luck'); })", { eval: true });
  const lost: HearkenError[] = [];
  const link = linkEngine(worker, { onLost: (error) => lost.push(error) });
  await using other = engineOver(link, engine.models);
  const stream = open(16_000, undefined, other);
  const waiting = [link.models, stream.push(new Float32Array(1600)), stream.snapshot()];
  for (const outcome of await Promise.allSettled(waiting)) {
    expect(outcome).toMatchObject({ status: 'rejected', reason: { code: 'engine/lost' } });
  }
  expect(lost.map(({ message }) => message)).toEqual(["Expected the engine's thread to go on, got out of luck"]);
  await expect(stream.flush()).rejects.toMatchObject({ code: 'engine/lost' });
});

test('after the end of the engine nothing is left waiting', async () => {
  const other = await startEngine({ models: [{ id: 'en', folder: 'codes-en' }] });
  const stream = open(16_000, undefined, other);
  const waiting = stream.push(new Float32Array(32_000));
  const [outcome] = await Promise.allSettled([waiting, other[Symbol.asyncDispose]()]);
  expect(outcome).toMatchObject({ status: 'rejected', reason: { code: 'engine/lost' } });
  await expect(stream.flush()).rejects.toMatchObject({ code: 'engine/lost' });
});

test('an engine that ends while it computes ends after its batch, and takes nothing with it', async () => {
  const samples = await samplesOf('two-numbers', 16_000);
  for (let round = 0; round < 3; round++) {
    const ending = await startEngine({ models: [{ id: 'en', folder: 'codes-en' }] });
    const answer = open(16_000, undefined, ending).push(samples.slice());
    const refused = answer.catch((error: unknown) => error);
    if (round === 1) await setImmediate();
    if (round === 2) await open(16_000, undefined, ending).push(new Float32Array(1600)); // after its first piece
    await ending[Symbol.asyncDispose]();
    expect(await refused).toMatchObject({ code: 'engine/lost' });
  }
});
