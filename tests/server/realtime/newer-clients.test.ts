/**
 * What clients of OpenAI's newer models send: LiveKit's plug-in `@livekit/agents-plugin-openai` 1.9.0 (its `STT` with
 * `baseURL`), for each kind of model that it knows; and the published packages themselves, where somebody has installed
 * them (`openai` 7 asks for a newer Node than this package does, so it is no dependency).
 */
import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdtemp, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

import { afterAll, beforeAll, expect, test } from 'vitest';

import { pcmOf, textOf } from '../recordings.ts';
import { startTestServer, type TestServer } from '../test-server.ts';
import { COMPLETED, connectRealtime, sessionUpdate } from './realtime-client.ts';

let server: TestServer;
beforeAll(async () => {
  server = await startTestServer();
});
afterAll(() => server.drain(0));

const FORMAT = { type: 'audio/pcm', rate: 24_000 };
const TURNS = { type: 'server_vad', threshold: 0.5, prefix_padding_ms: 600, silence_duration_ms: 350 };
/** By its own detection of speech: the plug-in commits where the model detects no turns. */
const COMMIT = { type: 'input_audio_buffer.commit' };

const said = async (): Promise<Buffer> => Buffer.concat([await pcmOf('pin', 24_000), Buffer.alloc(2 * 24_000 * 1.5)]);

test.each([
  {
    model: 'gpt-transcribe',
    hints: { keywords: ['seven'], languages: ['en', 'de'] },
    turns: { turn_detection: TURNS },
  },
  { model: 'gpt-transcribe', hints: { keywords: [], languages: ['en'] }, turns: { turn_detection: TURNS } },
  { model: 'gpt-4o-transcribe', hints: { language: 'en', prompt: 'digits' }, turns: { turn_detection: TURNS } },
  { model: 'gpt-live-transcribe', hints: { keywords: ['seven'], languages: ['en'] }, turns: {} },
  { model: 'gpt-realtime-whisper', hints: { language: 'en' }, turns: {} },
])('a session of LiveKit for $model with $hints is heard without an error', async ({ model, hints, turns }) => {
  const client = await connectRealtime(
    `ws://127.0.0.1:${server.port}/v1/realtime?intent=transcription&model=${model}`,
    { protocols: [], headers: { authorization: 'Bearer none' } },
  );
  const noise_reduction = { type: 'near_field' };
  client.say(sessionUpdate({ format: FORMAT, transcription: { model, ...hints }, ...turns, noise_reduction }));
  client.append(await said(), 2400);
  if (!('turn_detection' in turns)) client.say(COMMIT);
  const told = await client.until(COMPLETED);
  expect(told.at(-1)).toMatchObject({ transcript: textOf('pin'), usage: { type: 'duration' } });
  expect(told.at(-1)).toMatchObject('languages' in hints ? { languages: [{ code: 'en' }] } : {});
  expect(told.filter(({ type }) => type === 'error')).toEqual([]);
  client.close();
});

const CLIENTS = fileURLToPath(new URL('../../../.data/openai-clients/', import.meta.url));
const PACKAGES = 'openai@7 ws @livekit/agents-plugin-openai @livekit/agents @livekit/rtc-node';
const hasClients = ['openai', '@livekit/agents-plugin-openai'].every((name) =>
  existsSync(join(CLIENTS, 'node_modules', name)),
);
const lacks = hasClients ? '' : ` (skipped: no \`npm install --prefix .data/openai-clients ${PACKAGES}\`)`;

/** What a script prints that stands among the packages. */
async function printed(name: string, script: string, ...options: readonly string[]): Promise<string> {
  const path = join(CLIENTS, `${name}.mjs`);
  const audio = join(await mkdtemp(join(tmpdir(), 'hearken-clients-')), 'said.pcm');
  await writeFile(path, script);
  await writeFile(audio, await said());
  const args = [path, `${server.http}/v1`, audio, ...options];
  return (await promisify(execFile)(process.execPath, args, { timeout: 120_000 })).stdout.trim();
}

/** Prints the codes of errors and the first transcript. */
const OPENAI = `
import { readFileSync } from 'node:fs';
import { connect } from 'node:net';
import OpenAI from 'openai';
import { OpenAIRealtimeWS } from 'openai/realtime/ws';
const [baseURL, file, model] = process.argv.slice(2);
const options = { createConnection: () => connect(Number(new URL(baseURL).port), '127.0.0.1') };
const realtime = new OpenAIRealtimeWS({ intent: 'transcription', options }, new OpenAI({ apiKey: 'none', baseURL }));
realtime.on('error', ({ error, message }) => console.log('error', error?.code ?? message));
realtime.on('conversation.item.input_audio_transcription.completed', ({ transcript }) => {
  console.log(transcript);
  process.exit(0);
});
realtime.on('session.created', () => {
  const transcription = { model, keywords: ['seven'], languages: ['en', 'de'], prompt: 'digits', delay: 'low' };
  realtime.send({ type: 'session.update', session: { type: 'transcription', audio: { input: { transcription, turn_detection: null } } } });
  const bytes = readFileSync(file);
  for (let at = 0; at < bytes.length; at += 9600) {
    realtime.send({ type: 'input_audio_buffer.append', audio: bytes.subarray(at, at + 9600).toString('base64') });
  }
  realtime.send({ type: 'input_audio_buffer.commit' });
});
`;

test.skipIf(lacks !== '').each(['gpt-transcribe', 'gpt-realtime-whisper', 'gpt-4o-transcribe-diarize'])(
  `the package openai 7 hears by %s, at an address without a model${lacks}`,
  async (model) => {
    expect(await printed('openai', OPENAI, model)).toBe(textOf('pin'));
  },
  120_000,
);

/** Prints the text of the first final. */
const LIVEKIT = `
import { readFileSync } from 'node:fs';
import { initializeLogger } from '@livekit/agents';
import { AudioFrame } from '@livekit/rtc-node';
import { STT } from '@livekit/agents-plugin-openai';
initializeLogger({ pretty: false, level: 'error' });
const [baseURL, file, model, commits] = process.argv.slice(2);
const hints = commits ? { vad: null } : { keywords: ['seven'], language: ['en', 'de'] };
const stream = new STT({ apiKey: 'none', baseURL, model, ...hints }).stream();
const bytes = readFileSync(file);
const samples = new Int16Array(bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.length));
for (let at = 0; at < samples.length; at += 2400) {
  const piece = samples.slice(at, at + 2400);
  stream.pushFrame(new AudioFrame(piece, 24000, 1, piece.length));
}
stream.flush();
for await (const event of stream) {
  if (event.type !== 2) continue;
  console.log(event.alternatives[0].text);
  process.exit(0);
}
`;

test.skipIf(lacks !== '').each([
  ['gpt-transcribe', ''],
  ['gpt-realtime-whisper', 'commits'],
])(
  `the plug-in of LiveKit hears by %s${lacks}`,
  async (model, commits) => {
    expect(await printed('livekit', LIVEKIT, model, commits)).toBe(textOf('pin'));
  },
  120_000,
);
