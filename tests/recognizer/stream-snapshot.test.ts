import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';

import fc from 'fast-check';
import { afterAll, beforeAll, expect, test } from 'vitest';

import type { Engine } from '../../src/recognizer/engine.ts';
import { restoreStream, snapshotStream } from '../../src/recognizer/state.ts';
import { startStream } from '../../src/recognizer/state.ts';
import { decodeSafetensors, encodeSafetensors } from '../../src/tensor/safetensors.ts';
import { encodeSnapshot } from '../../src/tensor/snapshot.ts';
import { listen, settled, stateDifference } from './listen.ts';
import { onnxTiny, openStream, tinyEngine, tones } from './tiny-engine.ts';

let engine: Engine;
beforeAll(async () => {
  engine = await tinyEngine(await onnxTiny());
});
afterAll(() => engine.executor[Symbol.asyncDispose]());

test('a stream restored at any moment has the same future', async () => {
  const audio = tones(5, 3);
  const property = fc.asyncProperty(fc.integer({ min: 0, max: audio.length }), async (at) => {
    const { state } = await listen(engine, [audio.subarray(0, at)], { goesOn: true });
    const bytes = snapshotStream(engine, state);
    const restored = restoreStream(engine, bytes);
    expect(snapshotStream(engine, restored)).toEqual(bytes);
    const future = await listen(engine, [audio.subarray(at)], { from: state });
    const again = await listen(engine, [audio.subarray(at)], { from: restored });
    expect(settled(again.events)).toEqual(settled(future.events));
    expect(stateDifference(again.state, future.state)).toBe(0);
  });
  await fc.assert(property, { numRuns: 5 });
});

test('a stream keeps by which pauses its utterances end', () => {
  const endpointing = { pauseMs: 300, blankThreshold: 0.4 };
  const state = startStream(engine, { ...openStream(engine).settings, endpointing });
  expect(restoreStream(engine, snapshotStream(engine, state)).settings.endpointing).toEqual(endpointing);
});

test('a stream goes on in another process as if nothing had happened', async () => {
  const audio = tones(6, 3);
  const { state } = await listen(engine, [audio.subarray(0, 50_001)], { goesOn: true });
  const { events } = await listen(engine, [audio.subarray(50_001)], { from: state });
  const folder = await mkdtemp(path.join(tmpdir(), 'hearken-snapshot-'));
  try {
    const file = path.join(folder, 'stream.snapshot');
    await writeFile(file, snapshotStream(engine, state));
    const script = path.join(import.meta.dirname, 'go-on.ts');
    const { stdout } = await promisify(execFile)(process.execPath, [
      '--import',
      'tsx',
      script,
      file,
      '50001',
      '6',
      '3',
    ]);
    expect(JSON.parse(stdout)).toEqual(settled(events));
    expect(settled(events).length).toBeGreaterThan(1);
  } finally {
    await rm(folder, { recursive: true });
  }
});

test('a snapshot that was damaged anywhere is refused', async () => {
  const { state } = await listen(engine, [tones(2)], { goesOn: true });
  const bytes = snapshotStream(engine, state);
  const property = fc.property(fc.nat(bytes.length - 1), fc.integer({ min: 1, max: 255 }), (at, change) => {
    const damaged = bytes.slice();
    damaged[at] = (damaged[at] ?? 0) ^ change;
    expect(() => restoreStream(engine, damaged)).toThrow(/^Expected/);
  });
  fc.assert(property, { numRuns: 300 });
  for (const length of [0, 7, 8, 100, bytes.length - 1]) {
    expect(() => restoreStream(engine, bytes.subarray(0, length))).toThrow(/^Expected/);
  }
});

test('a snapshot of another model, another version or something else is refused by its name', () => {
  const bytes = snapshotStream(engine, openStream(engine));
  const other: Engine = { ...engine, fingerprint: 'other' };
  expect(() => restoreStream(other, bytes)).toThrow(expect.objectContaining({ code: 'snapshot/model' }));
  const { tensors } = decodeSafetensors(bytes);
  const rewritten = (format: string, version: number, facts: string): Uint8Array =>
    encodeSnapshot({ format, version }, tensors, { model: 'tiny', stream: facts });
  expect(() => restoreStream(engine, rewritten('hearken-stream', 2, '{}'))).toThrow(
    expect.objectContaining({ code: 'snapshot/version' }),
  );
  expect(() => restoreStream(engine, rewritten('hearken-memory', 1, '{}'))).toThrow(
    expect.objectContaining({ code: 'snapshot/format' }),
  );
  expect(() => restoreStream(engine, rewritten('hearken-stream', 1, '{}'))).toThrow(
    expect.objectContaining({ code: 'snapshot/damaged', message: expect.stringContaining('settings') }),
  );
});

test('a snapshot whose arrays are not those of its model names the array', () => {
  const bytes = snapshotStream(engine, openStream(engine));
  const { tensors, metadata } = decodeSafetensors(bytes);
  const { stream = '', model = '' } = metadata;
  for (const name of ['audio.mean', 'encoder.state.hidden.0', 'memory.count', 'search.rows']) {
    const { [name]: _, ...rest } = tensors;
    const without = encodeSnapshot({ format: 'hearken-stream', version: 1 }, rest, { model, stream });
    expect(() => restoreStream(engine, without)).toThrow(
      expect.objectContaining({ code: 'snapshot/tensor', message: expect.stringContaining(name) }),
    );
  }
});

test('a snapshot whose search and memory have not seen the same vectors is refused', async () => {
  const { state } = await listen(engine, [tones(2)], { goesOn: true });
  const { tensors, metadata } = decodeSafetensors(snapshotStream(engine, state));
  const { stream = '', model = '' } = metadata;
  const count = state.memory.count;
  const shifted = stream.replace(`"vectorCount":${count}`, `"vectorCount":${count + 1}`);
  expect(shifted).not.toBe(stream);
  const rewritten = encodeSnapshot({ format: 'hearken-stream', version: 1 }, tensors, { model, stream: shifted });
  expect(() => restoreStream(engine, rewritten)).toThrow(
    expect.objectContaining({ code: 'snapshot/damaged', message: expect.stringContaining(`${count} vectors, got`) }),
  );
});

test('snapshots are safetensors files', async () => {
  const { state } = await listen(engine, [tones(2)], { goesOn: true });
  const { tensors, metadata } = decodeSafetensors(snapshotStream(engine, state));
  expect(metadata).toMatchObject({ format: 'hearken-stream', version: '1', model: 'tiny' });
  expect(encodeSafetensors(tensors, metadata)).toEqual(snapshotStream(engine, state));
});
