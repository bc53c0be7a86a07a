import { expect, test } from 'vitest';

import { createApiKey, findApiKey, keyLine, parseApiKeys } from '../../server/access/api-keys.ts';
import { connectRaw } from './native/native-client.ts';
import { COMPLETED, connectRealtime, sessionUpdate } from './realtime/realtime-client.ts';
import { pcmOf, textOf } from './recordings.ts';
import { connectSocket, refusedHandshake } from './socket-client.ts';
import { startTestServer } from './test-server.ts';

/** Strings under which `bytes` could be written down: windows that are found wherever an encoder began to count. */
function writingsOf(bytes: Buffer): string[] {
  const starts = Array.from({ length: 30 }, (_, index) => index);
  return starts.flatMap((start) => {
    const window = bytes.subarray(start, start + 12);
    return [window.toString('base64'), window.toString('base64url'), window.toString('hex'), window.join(',')];
  });
}

test('the log at its most talkative holds nothing of what was said, sent, asked for or presented', async () => {
  const key = createApiKey();
  const keys = parseApiKeys(keyLine('phone', key), 'keys');
  const server = await startTestServer({ access: { authenticate: async (each) => findApiKey(keys, each) } });
  const headers = { authorization: `Bearer ${key}` };
  const nativeUrl = `ws://127.0.0.1:${server.port}/v1/stream`;
  const pcm = await pcmOf('pin', 16_000);
  const text = textOf('pin');

  const native = await connectRaw(nativeUrl, { headers });
  native.say({ type: 'start', encoding: 's16le', sampleRate: 16_000, grammar: { pattern: '\\d{4}' } });
  const { session } = await native.next('started');
  native.say(pcm);
  native.say({ type: 'CloseStream' });
  expect(await native.next('final')).toMatchObject({ text, written: '4729' }); // so there is something that could have been logged
  await native.closed;

  const vosk = await connectSocket(server.vosk, [], { headers });
  vosk.send('{"config":{"sample_rate":16000}}');
  vosk.send(pcm);
  await vosk.reply();
  vosk.send('{"eof" : 1}');
  await vosk.closed;

  const realtimeUrl = `ws://127.0.0.1:${server.port}/v1/realtime`;
  const realtime = await connectRealtime(realtimeUrl, { headers });
  const format = { type: 'audio/pcm', rate: 16_000 };
  const transcription = { grammar: 'digits', prompt: 'secretword' };
  realtime.say(sessionUpdate({ format, transcription, turn_detection: null }));
  for (const wrong of [
    'secretword',
    { type: 'secretword' },
    sessionUpdate({ transcription: { grammar: 'secretword' } }),
  ]) {
    realtime.say(wrong);
    await realtime.until('error'); // it goes on
  }
  realtime.append(pcm);
  realtime.say({ type: 'input_audio_buffer.commit' });
  expect((await realtime.until(COMPLETED)).at(-1)?.transcript).toBe(text);
  realtime.close();
  await realtime.closed;
  expect((await (await connectRealtime(`${realtimeUrl}?model=secretword`, { headers })).closed).code).toBe(4000);

  const form = new FormData();
  form.set('prompt', 'secretword');
  form.set('file', new Blob([Buffer.from('RIFF secretword')]), 'secretword.wav');
  await fetch(`${server.http}/v1/transcriptions?secretword`, { method: 'POST', headers, body: form });
  for (const message of ['secretword', '{"type":"secretword"}', '{"config":{"phrase_list":["secretword"]}}']) {
    for (const url of [nativeUrl, server.vosk]) {
      const client = await connectSocket(url, [], { headers });
      client.send(message);
      await client.closed;
    }
  }
  const wrong = await connectRaw(nativeUrl, { headers });
  wrong.say({ type: 'start', encoding: 's16le', sampleRate: 16_000, grammar: ['secretword'], model: 'secretword' });
  await wrong.closed;
  await refusedHandshake(`${nativeUrl}?secretword`, ['secretword'], {
    headers: { authorization: 'Bearer secretword' },
  });
  await server.drain(10_000);

  const log = server.logged.join('\n');
  expect(log.match(/"closed"/g)).toHaveLength(11);
  const loud = pcm.findIndex((byte, index) => index > 3_200 && byte > 64 && (pcm[index + 40] ?? 0) > 64);
  const secrets = [
    key,
    session,
    'secretword',
    '"4729"',
    'd{4}',
    '127.0.0.1:',
    ...text.split(' '),
    ...writingsOf(pcm.subarray(loud)),
  ];
  expect(secrets.filter((secret) => log.includes(secret))).toEqual([]);
});
