import { describe, expect, test, vi } from 'vitest';

import { loadModel, loadTokenModel } from '../../src/index.ts';
import { runCommand, spawnCommand } from '../cli/run-command.ts';
import { listenTo } from '../server/native/native-client.ts';
import { pcmOf } from '../server/recordings.ts';
import { startTestServer } from '../server/test-server.ts';
import { gpuNote, hasSoftwareGpu } from './software-gpu.ts';

const STREAMS = 8;

/** A line that `hearken stream` prints of a symbol. */
type Answer = { readonly label: number; readonly probability: number };

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

  test('hearken stream answers to symbols as on the CPU, and not at all where there is no GPU', async () => {
    const symbols = Array.from({ length: 24 }, (_, index) => `${(index * 7) % 16}\n`).join('');
    const streamOn = (device: 'cpu' | 'webgpu') =>
      spawnCommand(['stream', '--model', 'recall-tokens', '--device', device], Buffer.from(symbols));
    const answersIn = (stdout: string): Answer[] =>
      stdout
        .trim()
        .split('\n')
        .map((line) => JSON.parse(line) as Answer); // as the command prints it
    const [cpu, gpu] = [await streamOn('cpu'), await streamOn('webgpu')];
    expect([cpu.code, gpu.code]).toEqual([0, 0]);
    const [expected, got] = [answersIn(cpu.stdout), answersIn(gpu.stdout)];
    expect(expected).toHaveLength(24);
    expect(got.map(({ label }) => label)).toEqual(expected.map(({ label }) => label));
    const differences = expected.map(({ probability }, at) => Math.abs(probability - got[at]!.probability));
    expect(Math.max(...differences)).toBeLessThan(1e-3);

    vi.stubEnv('VK_ICD_FILENAMES', '/nonexistent/driver.json');
    const without = await streamOn('webgpu').finally(() => vi.unstubAllEnvs());
    expect(without).toMatchObject({ code: 1, stdout: '' });
    expect(without.stderr).toContain('(executor/device)');
  });
});
