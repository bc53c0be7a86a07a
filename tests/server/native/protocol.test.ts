/** The native protocol without a socket: what frames ask for, how a refusal is told. */
import { describe, expect, test } from 'vitest';

import { createNativeReader, frameDecoder, type NativeCommand, refusedBy } from '../../../server/native/protocol.ts';
import { HearkenError } from '../../../src/errors.ts';

const START = { type: 'start', encoding: 's16le', sampleRate: 16_000 } as const;
const frame = { type: 'binary', bytes: Uint8Array.of(0, 64) } as const;

function reader(): {
  readonly read: ReturnType<typeof createNativeReader>;
  say: (message: object) => readonly NativeCommand[];
} {
  const read = createNativeReader();
  return { read, say: (message) => read({ type: 'text', text: JSON.stringify(message) }) };
}

describe('reading', () => {
  test('the first message opens a session, later ones are commands of it', () => {
    const { read, say } = reader();
    expect(read({ type: 'joined' })).toEqual([]);
    expect(say(START)).toEqual([{ type: 'open', opening: START }]);
    expect(read(frame)).toEqual([{ type: 'frame', bytes: frame.bytes }]);
    expect(say({ type: 'Finalize' })).toEqual([{ type: 'finalize' }]);
    expect(say({ type: 'KeepAlive' })).toEqual([{ type: 'keepAlive' }]);
    expect(say({ type: 'CloseStream' })).toEqual([{ type: 'end' }, { type: 'close', code: 1000, reason: 'done' }]);
  });

  test('audio before the session, a second start and text that is no message are refused', () => {
    const { read, say } = reader();
    expect(() => read(frame)).toThrow(expect.objectContaining({ code: 'protocol/wrong-frame' }));
    expect(() => say({ type: 'Finalize' })).toThrow(expect.objectContaining({ code: 'protocol/bad-message' }));
    say(START);
    expect(() => say(START)).toThrow('got another `start`');
    expect(() => read({ type: 'text', text: '{' })).toThrow(expect.objectContaining({ code: 'protocol/bad-json' }));
  });

  test('a server that goes away saves what is open, and says so; who is gone asks for nothing', () => {
    const { read, say } = reader();
    const restart = { type: 'close', code: 1012, reason: 'the server restarts' };
    expect(read({ type: 'left', drainReason: 'restart' })).toEqual([restart]);
    say(START);
    expect(read({ type: 'left', drainReason: 'restart' })).toEqual([{ type: 'save' }, restart]);
    expect(read({ type: 'left', drainReason: 'revoked' })).toMatchObject([
      { type: 'save' },
      { type: 'refuse', error: { code: 'access/revoked' } },
    ]);
    expect(read({ type: 'left', drainReason: undefined })).toEqual([]);
  });
});

test('frames are decoded as the session began: whole samples, or whole tokens', () => {
  expect(frameDecoder(START)(frame.bytes)).toEqual(Float32Array.of(0.5));
  expect(() => frameDecoder(START)(Uint8Array.of(1))).toThrow(expect.objectContaining({ code: 'audio/odd-bytes' }));
  const tokens = frameDecoder({ type: 'start', encoding: 'i32le' });
  expect(tokens(Uint8Array.of(7, 0, 0, 0, 255, 255, 255, 255))).toEqual(Int32Array.of(7, -1));
  expect(() => tokens(Uint8Array.of(1))).toThrow(expect.objectContaining({ code: 'token/odd-bytes' }));
});

test('a session that cannot go on is told so; anything else is an error with its code', () => {
  expect(refusedBy(new HearkenError('session/unknown', 'Expected a session'))).toMatchObject({
    message: { type: 'resumed', recovered: false, reason: 'Expected a session' },
    close: { code: 4510, reason: 'session/unknown' },
  });
  expect(refusedBy(new HearkenError('limit/audio', 'Expected less'))).toMatchObject({
    message: { type: 'error', code: 'limit/audio', message: 'Expected less' },
    close: { code: 4029, reason: 'limit/audio' },
  });
});
