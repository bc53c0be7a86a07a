import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { WebSocket } from 'ws';

import { connect, type NumberedMessage } from '../../../client/index.ts';
import { openDirectoryStore } from '../../../server/sessions/directory-store.ts';
import { loadTokenModel } from '../../../src/index.ts';
import { Random } from '../../../src/tensor/random.ts';
import { startTestServer, type TestServer } from '../test-server.ts';
import { connectSocket } from '../socket-client.ts';
import { type CountedStore, countSaves } from './counted-saves.ts';
import { startProxy } from './cutting-proxy.ts';
import { connectRaw } from './native-client.ts';
import { TOKEN_CONFIG, tokenBytes, writeTokenModel } from './token-model.ts';

const random = Random.seeded(7);
const tokens = Int32Array.from({ length: 3_000 }, () => random.integer(TOKEN_CONFIG.alphabetSize));
const START = { type: 'start', encoding: 'i32le' };

let folder: string;
let store: CountedStore;
let server: TestServer;
let url: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'hearken-tokens-'));
  await writeTokenModel(folder, 3);
  const models = [
    { id: 'codes', folder: 'codes-en' },
    { id: 'recall', folder },
  ];
  store = countSaves(await openDirectoryStore(join(folder, 'sessions')));
  server = await startTestServer({ models, store });
  url = `ws://127.0.0.1:${server.port}/v1/stream`;
});
afterAll(async () => {
  await server.drain(0);
  await rm(folder, { recursive: true });
});

type Answers = { readonly labels: number[]; readonly probabilities: number[] };

/** The likeliest label after each token, and how likely it is, without a server. */
async function answeredOffline(): Promise<Answers> {
  await using model = await loadTokenModel(folder);
  const answers: Answers = { labels: [], probabilities: [] };
  for await (const { logProbabilities } of model.encode([tokens])) {
    for (let at = 0; at < logProbabilities.length; at += TOKEN_CONFIG.labelCount) {
      const row = [...logProbabilities.subarray(at, at + TOKEN_CONFIG.labelCount)];
      const best = Math.max(...row);
      answers.labels.push(row.indexOf(best));
      answers.probabilities.push(Math.exp(best));
    }
  }
  return answers;
}

/** The answers to all tokens, sent in pieces of unlike sizes; `pace` is awaited before each. */
async function answered(
  to: string,
  pace: (sent: number) => Promise<void> | undefined = () => undefined,
): Promise<Answers> {
  const stream = connect(to, { encoding: 'i32le', model: 'recall', WebSocket });
  const sending = (async () => {
    for (let at = 0, size = 1; at < tokens.length; at += size, size = (3 * size) % 257) {
      await pace(at);
      await stream.send(tokenBytes(tokens.subarray(at, at + size)));
    }
    stream.close();
  })();
  const events: NumberedMessage[] = [];
  for await (const event of stream.events) if ('offset' in event) events.push(event);
  await sending;
  const answers: Answers = { labels: [], probabilities: [] };
  for (const [index, event] of events.entries()) {
    if (event.type !== 'answers') throw new Error(`Expected answers, got ${event.type}`);
    expect(event).toMatchObject({ offset: index, firstToken: answers.labels.length });
    expect(event.labels.length).toBeLessThanOrEqual(64);
    answers.labels.push(...event.labels);
    answers.probabilities.push(...event.probabilities);
  }
  return answers;
}

function expectAlike(heard: Answers, expected: Answers): void {
  expect(heard.labels).toEqual(expected.labels);
  const differences = heard.probabilities.map((value, index) => Math.abs(value - (expected.probabilities[index] ?? 9)));
  expect(Math.max(...differences)).toBeLessThan(1e-4);
}

describe('a stream of tokens', () => {
  test('is answered at every token as the model answers without a server, however the tokens come', async () => {
    expectAlike(await answered(url), await answeredOffline());
  });

  test('is answered once and the same where the connection is cut', async () => {
    await using proxy = await startProxy(server.port);
    let cutsLeft = 3;
    const heard = await answered(`ws://127.0.0.1:${proxy.port}/v1/stream`, async (sent) => {
      if (sent < (4 - cutsLeft) * 700 || cutsLeft === 0) return;
      cutsLeft--;
      await expect.poll(store.savedSamples, { timeout: 60_000 }).toBeGreaterThan(sent - 2 * 1_024); // saved every 1,024
      const before = proxy.connectionCount();
      proxy.cut();
      await expect.poll(() => proxy.connectionCount(), { timeout: 60_000 }).toBeGreaterThan(before);
    });
    expect(cutsLeft).toBe(0);
    expectAlike(heard, await answeredOffline());
  });

  test('is answered at once where the client asks, acknowledged by tokens, and ends without seconds', async () => {
    const client = await connectRaw(url);
    client.say(START);
    expect((await client.next('started')).model).toBe('recall');
    client.say(tokenBytes(tokens.subarray(0, 3)));
    client.say({ type: 'Finalize' });
    const { labels } = await client.next('answers');
    expect(labels).toEqual((await answeredOffline()).labels.slice(0, 3));
    client.say(tokenBytes(tokens.subarray(3, 2_000)));
    expect((await client.next('ack')).samples).toBe(2_000);
    client.say({ type: 'CloseStream' });
    expect(await client.next('closed')).toEqual({ type: 'closed', samples: 2_000 });
    expect((await client.closed).code).toBe(1000);
  });

  test.each([
    ['a token that the model does not have', START, tokenBytes(Int32Array.of(1, 8)), 1007, 'token/unknown'],
    ['half a token', START, Buffer.alloc(3), 1007, 'token/odd-bytes'],
    ['a model that hears audio', { ...START, model: 'codes' }, Buffer.alloc(0), 1008, 'model/unknown-id'],
    ['a grammar', { ...START, grammar: 'digits' }, Buffer.alloc(0), 1007, 'protocol/bad-message'],
  ] as const)('with %s is refused with its reason', async (_, start, frame, code, reason) => {
    const client = await connectRaw(url);
    client.say(start);
    client.say(frame);
    client.say({ type: 'Finalize' });
    client.say({ type: 'CloseStream' });
    expect((await client.next('error')).code).toBe(reason);
    expect((await client.closed).code).toBe(code);
  });
});

test('a model of tokens hears no audio', async () => {
  const client = await connectRaw(url);
  client.say({ type: 'start', encoding: 's16le', sampleRate: 16_000, model: 'recall' });
  expect((await client.next('error')).code).toBe('model/unknown-id');
});

test('a server that hears no audio refuses it on every path, and goes on', async () => {
  const deaf = await startTestServer({ models: [{ id: 'recall', folder }] });
  const vosk = await connectSocket(deaf.vosk);
  expect((await vosk.closed).code).toBe(1008);
  const realtime = await connectSocket(`ws://127.0.0.1:${deaf.port}/v1/realtime?intent=transcription`);
  expect((await realtime.closed).code).not.toBe(1006);
  const form = new FormData();
  form.append('file', new Blob([Buffer.alloc(44)]), 'a.wav');
  const upload = await fetch(`${deaf.http}/v1/transcriptions`, { method: 'POST', body: form });
  expect(upload.status).toBe(400);
  expect(await (await fetch(`${deaf.http}/v1/models`)).json()).toMatchObject({
    data: [{ id: 'recall', version: expect.stringMatching(/^tokens-[\da-f]{16}$/), alphabet_size: 8, label_count: 6 }],
  });
  await deaf.drain(0);
});
