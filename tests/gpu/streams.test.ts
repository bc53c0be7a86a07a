import { describe, expect, test } from 'vitest';

import { loadModel, loadTokenModel } from '../../src/index.ts';
import { runCommand } from '../cli/run-command.ts';
import { listenTo } from '../server/native/native-client.ts';
import { pcmOf } from '../server/recordings.ts';
import { startTestServer } from '../server/test-server.ts';
import { gpuNote, hasSoftwareGpu } from './software-gpu.ts';

const STREAMS = 8;

describe.skipIf(!hasSoftwareGpu)(`streams on a GPU${gpuNote}`, () => {
  test('hearken transcribe writes the words, and their times, that it writes on the CPU', async () => {
    const [cpu, gpu] = [
      await runCommand('transcribe', 'samples/pin.wav', '--device', 'cpu', '--srt'),
      await runCommand('transcribe', 'samples/pin.wav', '--device', 'webgpu', '--srt'),
    ];
    expect(cpu.stdout).toMatch(/four[^]*seven[^]*two[^]*nine/u);
    expect(gpu).toMatchObject({ code: 0, stdout: cpu.stdout });
  });

  test('eight live streams of a server have the finals of one stream on the CPU', async () => {
    const pcm = (await pcmOf('pin', 16_000)).subarray(0, 2 * 30_000);
    const samples = Float32Array.from({ length: pcm.length / 2 }, (_, at) => pcm.readInt16LE(2 * at) / 32_768);
    await using model = await loadModel('codes-en', { grammar: 'codes' });
    const expected: string[] = [];
    for await (const event of model.stream([samples])) if (event.type === 'final') expected.push(event.text);

    const server = await startTestServer({ models: [{ id: 'codes', folder: 'codes-en' }], device: 'webgpu' });
    try {
      const url = `ws://127.0.0.1:${server.port}/v1/stream`;
      const heard = await Promise.all(Array.from({ length: STREAMS }, () => listenTo(url, pcm)));
      const finals = heard.map((events) => events.flatMap((event) => (event.type === 'final' ? [event.text] : [])));
      expect(expected.join(' ')).not.toBe('');
      expect(finals).toEqual(Array.from({ length: STREAMS }, () => expected));
      expect(server.logged.join('\n')).toContain('"devices":{"codes":"onnx-webgpu"}');
    } finally {
      await server.drain(0);
    }
  });

  test('a stream of tokens is answered as on the CPU', async () => {
    const tokens = Int32Array.from({ length: 24 }, (_, index) => (index * 7) % 16);
    const answersOn = async (device: 'cpu' | 'webgpu'): Promise<readonly number[]> => {
      await using model = await loadTokenModel('models/recall-tokens', { device });
      expect(model.device).toBe(`onnx-${device}`);
      const answers: number[] = [];
      for await (const { logProbabilities } of model.encode([tokens])) answers.push(...logProbabilities);
      return answers;
    };
    const [cpu, gpu] = [await answersOn('cpu'), await answersOn('webgpu')];
    expect(gpu).toHaveLength(cpu.length);
    const size = Math.max(...cpu.map(Math.abs));
    const differences = cpu.map((value, index) => Math.abs(value - gpu[index]!));
    expect(Math.max(...differences)).toBeLessThan(1e-3 * size);
  });
});
