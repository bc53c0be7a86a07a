import fc from 'fast-check';
import { expect, test } from 'vitest';

import { parseClientEvent, parseObject } from '../../../server/realtime/client-event.ts';
import { RequestError } from '../../../server/realtime/request-error.ts';
import { sessionUpdate } from './realtime-client.ts';

const parse = (message: object): unknown => parseClientEvent(parseObject(JSON.stringify(message)));

test('both forms of an update say the same', () => {
  const turn_detection = { type: 'server_vad', threshold: 0.4, prefix_padding_ms: 0, silence_duration_ms: 250 };
  const transcription = { model: 'codes', language: 'en', prompt: 'digits', delay: 'low' };
  const include = ['item.input_audio_transcription.logprobs'];
  const change = {
    format: { type: 'audio/pcmu', rate: 8000 },
    transcription,
    turnDetection: { threshold: 0.4, prefixPaddingMs: 0, silenceDurationMs: 250 },
    hasLogprobs: true,
  };
  const ignored = ['transcription.delay'];
  expect(parse(sessionUpdate({ format: { type: 'audio/pcmu' }, transcription, turn_detection }, { include }))).toEqual({
    type: 'update',
    dialect: 'current',
    change: { ...change, ignored },
  });
  const session = {
    input_audio_format: 'g711_ulaw',
    input_audio_transcription: transcription,
    turn_detection,
    include,
  };
  expect(parse({ type: 'transcription_session.update', session })).toEqual({
    type: 'update',
    dialect: 'beta',
    change: { ...change, ignored: ['input_audio_transcription.delay'] },
  });
});

test('what an update leaves out stays, null turns off', () => {
  expect(parse(sessionUpdate({ turn_detection: null }))).toEqual({
    type: 'update',
    dialect: 'current',
    change: { turnDetection: null, ignored: [] },
  });
});

test('fields that other servers act on and this one does not are let through', () => {
  const turn_detection = {
    type: 'server_vad',
    create_response: false,
    interrupt_response: false,
    idle_timeout_ms: null,
  };
  const transcription = { prompt: 'x', delay: 'low', keywords: ['seven'] };
  const input = { noise_reduction: { type: 'near_field', strength: 0.5 }, turn_detection, transcription };
  expect(() => parse(sessionUpdate(input))).not.toThrow();
});

test('audio is base64, with padding or without', () => {
  const event = { type: 'append', audio: Buffer.from([1, 2, 3, 4]) };
  for (const audio of ['AQIDBA==', 'AQIDBA']) {
    expect(parse({ type: 'input_audio_buffer.append', audio })).toEqual(event);
  }
});

test('anything else is refused with an error that names its field, never with another', () => {
  const kinds = ['session.update', 'transcription_session.update', 'input_audio_buffer.append', 'nothing'];
  const message = fc.oneof(
    fc.string(),
    fc.json(),
    fc.tuple(fc.constantFrom(...kinds), fc.json()).map(([type, json]) => `{"type":"${type}","session":${json}}`),
    fc.tuple(fc.constantFrom(...kinds), fc.json()).map(([type, json]) => `{"type":"${type}","audio":${json}}`),
    fc.json().map((json) => `{"type":"session.update","session":{"type":"transcription","audio":{"input":${json}}}}`),
  );
  fc.assert(
    fc.property(message, (text) => {
      try {
        parseClientEvent(parseObject(text));
      } catch (error) {
        return error instanceof RequestError && error.message.startsWith('Expected ');
      }
      return true;
    }),
    { numRuns: 1000 },
  );
});
