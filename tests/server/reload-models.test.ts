import { cp, mkdtemp, readFile, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

import onnxProto from 'onnx-proto';
import { describe, expect, test } from 'vitest';

import { startProxy } from './native/cutting-proxy.ts';
import { connectRaw, listenTo, rounded } from './native/native-client.ts';
import { TOKEN_CONFIG, tokenBytes, writeTokenModel } from './native/token-model.ts';
import { pcmOf, textOf } from './recordings.ts';
import { connectSocket } from './socket-client.ts';
import { startTestServer, type TestServer } from './test-server.ts';

const MODEL = fileURLToPath(new URL('../../models/codes-en', import.meta.url));
const RETIRED = /^hearken_retired_models\{model="\w+"\} (\d)$/m;

type Reloadable = { readonly server: TestServer; readonly folder: string; readonly url: string };

/** A server whose model has a folder of its own, which `write` fills. */
async function startReloadable(
  write = (folder: string): Promise<void> => cp(MODEL, folder, { recursive: true }),
): Promise<Reloadable> {
  const folder = await mkdtemp(join(tmpdir(), 'hearken-model-'));
  await write(folder);
  const server = await startTestServer({ models: [{ id: 'codes', folder }] });
  return { server, folder, url: `ws://127.0.0.1:${server.port}/v1/stream` };
}

/** Other weights: an encoder whose matrices are zeros, which hears nothing. */
async function makeDeaf(folder: string): Promise<void> {
  const path = join(folder, 'onnx', 'encode.onnx');
  const model = onnxProto.onnx.ModelProto.decode(await readFile(path));
  for (const { rawData, dims } of model.graph?.initializer ?? []) if (dims?.length === 2) rawData?.fill(0);
  await writeFile(path, onnxProto.onnx.ModelProto.encode(model).finish());
}

async function heard(url: string, pcm: Buffer): Promise<string> {
  const events = await listenTo(url, pcm, undefined, { grammar: 'digits' });
  return events.flatMap((event) => (event.type === 'final' ? [event.text] : [])).join(' ');
}

async function versionOf({ http }: TestServer): Promise<string> {
  const list = (await (await fetch(`${http}/v1/models`)).json()) as { data: { version: string }[] };
  return list.data[0]?.version ?? '';
}

const metricsOf = async ({ http }: TestServer): Promise<string> => (await fetch(`${http}/metrics`)).text();
const retiredAt = async (server: TestServer): Promise<string | undefined> => RETIRED.exec(await metricsOf(server))?.[1];

/** Code and words of every refusal that was logged. */
function refusalsOf({ logged }: TestServer): { readonly code: string; readonly message: string }[] {
  const entries = logged.map((line) => JSON.parse(line) as { msg: string; code: string; message: string });
  return entries
    .filter(({ msg }) => msg.startsWith('model cannot be loaded'))
    .map(({ code, message }) => ({ code, message }));
}

describe('a model that is loaded again', () => {
  test('is heard by new streams, while those that run end as if nothing had happened and free the old one', async () => {
    const { server, folder, url } = await startReloadable();
    const pcm = await pcmOf('two-numbers', 16_000);
    const expected = await listenTo(url, pcm);
    const before = await versionOf(server);
    let isReloaded = false;
    const events = await listenTo(url, pcm, async (sent) => {
      if (isReloaded || sent < pcm.length / 2) return;
      isReloaded = true;
      await expect.poll(() => metricsOf(server), { timeout: 60_000 }).toMatch(/^hearken_sessions_active 1$/m);
      await makeDeaf(folder);
      await server.reload();
      expect(await versionOf(server)).not.toBe(before);
      expect(await heard(url, await pcmOf('pin', 16_000))).not.toBe(textOf('pin'));
      expect(await retiredAt(server)).toBe('1');
    });
    expect(isReloaded).toBe(true);
    expect(rounded(events)).toEqual(rounded(expected));
    await expect.poll(() => retiredAt(server), { timeout: 60_000 }).toBe('0');
    expect(await metricsOf(server)).toContain('hearken_model_reloads_total{outcome="changed"} 1');
    await server.drain(0);
  });

  test('goes on with no session of its old weights, and says so', async () => {
    const { server, folder, url } = await startReloadable();
    const before = await versionOf(server);
    const client = await connectRaw(url);
    client.say({ type: 'start', encoding: 's16le', sampleRate: 16_000 });
    const { session, epoch } = await client.next('started');
    client.socket.close();
    await makeDeaf(folder);
    await server.reload();
    const again = await connectRaw(url);
    again.say({ type: 'resume', session, epoch, lastEventOffset: -1, firstSample: 0 });
    expect(await again.next('resumed')).toEqual({
      type: 'resumed',
      recovered: false,
      reason: `Expected a session of model ${await versionOf(server)}, got one of ${before}`,
    });
    expect(await again.closed).toEqual({ code: 4510, reason: 'session/model-changed' });
    await server.drain(0);
  });

  test('and has not changed goes on with its sessions', async () => {
    const { server, url } = await startReloadable();
    await using proxy = await startProxy(server.port);
    const pcm = await pcmOf('two-numbers', 16_000);
    const expected = await listenTo(url, pcm);
    let isCut = false;
    const events = await listenTo(`ws://127.0.0.1:${proxy.port}/v1/stream`, pcm, async (sent) => {
      if (isCut || sent < pcm.length / 2) return;
      isCut = true;
      await expect.poll(() => proxy.connectionCount(), { timeout: 60_000 }).toBeGreaterThan(0);
      await server.reload();
      const before = proxy.connectionCount();
      proxy.cut();
      await expect.poll(() => proxy.connectionCount(), { timeout: 60_000 }).toBeGreaterThan(before);
    });
    expect(isCut).toBe(true);
    expect(rounded(events)).toEqual(rounded(expected));
    expect(await metricsOf(server)).toContain('hearken_model_reloads_total{outcome="unchanged"} 1');
    await server.drain(0);
  });

  test('and cannot be leaves everything as it was, and the operator is told what is wrong with it', async () => {
    const { server, folder, url } = await startReloadable();
    const before = await versionOf(server);
    const config = await readFile(join(folder, 'config.json'), 'utf8');
    await writeFile(join(folder, 'config.json'), config.replace('"hopLength": ', '"hopLength": -'));
    await server.reload();
    await writeFile(join(folder, 'config.json'), config);
    await truncate(join(folder, 'onnx', 'read.onnx'), 1000);
    await server.reload();
    await truncate(join(folder, 'model.safetensors'), 1000);
    await Promise.all([server.reload(), server.reload()]);
    expect(await versionOf(server)).toBe(before);
    expect(await heard(url, await pcmOf('pin', 16_000))).toBe(textOf('pin'));
    expect(await metricsOf(server)).toContain('hearken_model_reloads_total{outcome="refused"} 4');
    expect(await retiredAt(server)).toBeUndefined();
    expect(refusalsOf(server)).toEqual([
      { code: 'model/config', message: expect.stringContaining('hopLength') },
      { code: 'executor/graph', message: expect.stringContaining('read') },
      { code: expect.stringMatching(/^safetensors\//), message: expect.any(String) },
      { code: expect.stringMatching(/^safetensors\//), message: expect.any(String) },
    ]);
    await server.drain(0);
  });

  test('is heard by a client of vosk-server that connected before and had sent no audio', async () => {
    const { server, folder } = await startReloadable();
    const client = await connectSocket(server.vosk);
    client.send('{"config":{"sample_rate":16000,"phrase_list":["one two"]}}');
    await makeDeaf(folder);
    await server.reload();
    client.send(await pcmOf('pin', 16_000));
    client.send('{"eof" : 1}');
    expect(JSON.parse(await client.reply())).toEqual({ partial: '' });
    expect((await client.closed).code).toBe(1000);
    expect(await retiredAt(server)).toBe('0');
    await server.drain(0);
  });

  test('is waited for by a server that ends', async () => {
    const { server } = await startReloadable();
    const reloading = server.reload();
    await server.drain(0);
    await reloading;
    const messages = server.logged.map((line) => (JSON.parse(line) as { msg: string }).msg);
    expect(messages.slice(1)).toEqual(['draining', 'model has not changed', 'drained']);
  });
});

test('a model of tokens is loaded again as one of audio is', async () => {
  const { server, folder, url } = await startReloadable((path) => writeTokenModel(path, 3));
  const tokens = Int32Array.from({ length: 100 }, (_, index) => (index * index) % TOKEN_CONFIG.alphabetSize);
  const [first, second] = [tokenBytes(tokens.subarray(0, 60)), tokenBytes(tokens.subarray(60))];
  const start = { type: 'start', encoding: 'i32le' };
  const probabilities = async (): Promise<readonly number[]> => {
    const client = await connectRaw(url);
    client.say(start);
    client.say(tokenBytes(tokens));
    client.say({ type: 'CloseStream' });
    const blocks = [await client.next('answers'), await client.next('answers')];
    return blocks.flatMap((block) => block.probabilities);
  };
  const [before, answered] = [await versionOf(server), await probabilities()];
  const client = await connectRaw(url);
  client.say(start);
  const { session, epoch } = await client.next('started');
  client.say(first);

  await truncate(join(folder, 'model.safetensors'), 1000);
  await server.reload();
  await writeTokenModel(folder, 4);
  await server.reload();
  expect(refusalsOf(server).map(({ code }) => code)).toEqual([expect.stringMatching(/^safetensors\//)]);
  expect(await versionOf(server)).not.toBe(before);
  expect(await probabilities()).not.toEqual(answered);
  expect(await retiredAt(server)).toBe('1');
  client.say(second);
  client.say({ type: 'Finalize' });
  const blocks = [await client.next('answers'), await client.next('answers')];
  expect(blocks.flatMap((block) => block.probabilities)).toEqual(answered.map((value) => expect.closeTo(value, 4)));
  client.socket.close();
  await expect.poll(() => retiredAt(server), { timeout: 60_000 }).toBe('0');

  const again = await connectRaw(url);
  again.say({ type: 'resume', session, epoch, lastEventOffset: -1, firstSample: 0 });
  expect(await again.closed).toEqual({ code: 4510, reason: 'session/model-changed' });
  await server.drain(0);
});
