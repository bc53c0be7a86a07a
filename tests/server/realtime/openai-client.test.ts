/** The client that OpenAI publishes, unchanged. */
import { connect } from 'node:net';
import OpenAI from 'openai';
import { OpenAIRealtimeWS } from 'openai/realtime/ws';
import { expect, test } from 'vitest';

import { cutBytes, pcmOf, textOf } from '../recordings.ts';
import { startTestServer } from '../test-server.ts';

test('the published client is told of its turns, of its mistakes, and of the end', async () => {
  const server = await startTestServer();
  const client = new OpenAI({ apiKey: 'none', baseURL: `${server.http}/v1` });
  // It insists on `wss:`; what its socket is made of is an option.
  const options = { createConnection: () => connect(server.port, '127.0.0.1') };
  const realtime = new OpenAIRealtimeWS({ model: 'codes', options }, client);
  const transcripts: string[] = [];
  const errors: (string | null | undefined)[] = [];
  const deltas: string[] = [];
  realtime.on('error', ({ error }) => errors.push(error?.code));
  realtime.on('conversation.item.input_audio_transcription.delta', ({ delta }) => deltas.push(delta ?? ''));
  const heard = new Promise<void>((resolve) => {
    realtime.on('conversation.item.input_audio_transcription.completed', ({ transcript }) => {
      transcripts.push(transcript);
      if (transcripts.length === 2) resolve();
    });
  });
  const closed = new Promise<number>((resolve) => realtime.socket.once('close', resolve));
  await new Promise<void>((resolve) => realtime.on('session.created', () => resolve()));
  realtime.send({ type: 'response.create' });
  realtime.send({
    type: 'session.update',
    session: { type: 'transcription', audio: { input: { transcription: { model: 'codes', language: 'en' } } } },
  });
  const pcm = Buffer.concat([await pcmOf('two-numbers', 24_000), Buffer.alloc(48_000)]);
  for (const piece of cutBytes(pcm, 9600)) {
    realtime.send({ type: 'input_audio_buffer.append', audio: piece.toString('base64') });
  }
  await heard;
  expect(transcripts.join(' ')).toBe(textOf('two-numbers'));
  expect(deltas.join(' ').replaceAll('  ', ' ')).toBe(textOf('two-numbers'));
  expect(errors).toEqual(['invalid_value']);
  await server.drain(5000);
  expect(await closed).toBe(1012);
});
