import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';

import { afterAll, beforeAll, describe, expect, test } from 'vitest';

import { loadModel } from '../../src/recognizer/model.ts';
import type { RecognitionEvent } from '../../src/recognizer/events.ts';
import { cut, samplesOf } from '../server/recordings.ts';
import { missingPrograms, skipNote } from '../installed.ts';
import { gpuNote, hasSoftwareGpu } from './software-gpu.ts';
import { useWatchedDriver, type WatchedDriver } from './watched-driver.ts';

const missing = missingPrograms('gcc');

describe.skipIf(!hasSoftwareGpu || missing.length > 0)(`a GPU that is lost${gpuNote}${skipNote(missing)}`, () => {
  let folder: string;
  let driver: WatchedDriver;

  beforeAll(async () => {
    folder = await mkdtemp(path.join(tmpdir(), 'hearken-lost-device-'));
    driver = await useWatchedDriver(folder);
  });
  afterAll(() => rm(folder, { recursive: true }));

  test('in mid-stream leaves the words as they are: the processor computes from that very batch on', async () => {
    const pieces = cut(await samplesOf('pin', 16_000), 3_200);
    await using cpu = await loadModel('codes-en', { grammar: 'digits' });
    await using gpu = await loadModel('codes-en', { grammar: 'digits', device: 'webgpu' });
    const warned = once(process, 'warning');

    const expected = await eventsOf(cpu.stream(pieces));
    const devices = new Set<string>();
    const events = await eventsOf(gpu.stream(pieces), ({ type }) => {
      devices.add(gpu.device);
      if (type === 'partial') driver.loseDevice();
    });

    expect([...devices]).toEqual(['onnx-webgpu', 'onnx-cpu']);
    expect(wordsOf(events)).toEqual(['four seven two nine']);
    expect(wordsOf(events)).toEqual(wordsOf(expected));
    const [warning] = (await warned) as [Error];
    expect(warning).toMatchObject({ code: 'HEARKEN_DEVICE_LOST' });
    expect(warning.message).toMatch(/^`onnx-webgpu` failed at cell `\w+`; `onnx-cpu` computes from now on\. .*lost/u);
  });
});

async function eventsOf(
  stream: AsyncIterable<RecognitionEvent>,
  watch: (event: RecognitionEvent) => void = () => undefined,
): Promise<RecognitionEvent[]> {
  const events: RecognitionEvent[] = [];
  for await (const event of stream) {
    events.push(event);
    watch(event);
  }
  return events;
}

function wordsOf(events: readonly RecognitionEvent[]): string[] {
  return events.flatMap((event) => (event.type === 'final' ? [event.text] : []));
}
