/** OpenAI's Realtime protocol without a socket: what messages ask for, what answers are told as. */
import { describe, expect, test } from 'vitest';

import type { RecognitionEvent } from '../../../server/engine/client.ts';
import { openRealtime, type RealtimeNote } from '../../../server/realtime/protocol.ts';
import type { Command, WireProtocol } from '../../../server/wire-protocol.ts';
import { HearkenError } from '../../../src/errors.ts';
import { servedModel } from '../served-model.ts';

const MODELS = [servedModel('codes-en'), servedModel('codes-de', 'de')];

type Opened = WireProtocol<RealtimeNote> & {
  readonly say: (message: object) => readonly Command<RealtimeNote>[];
  /** Appends this much audio. */ readonly append: (bytes: number) => readonly Command<RealtimeNote>[];
};

function opened(path = '/v1/realtime'): Opened {
  const protocol = openRealtime({ path, headers: {} }, MODELS);
  protocol.read({ type: 'joined' }, MODELS);
  const say = (message: object): readonly Command<RealtimeNote>[] =>
    protocol.read({ type: 'text', text: JSON.stringify(message) }, MODELS);
  const append = (bytes: number): readonly Command<RealtimeNote>[] =>
    say({ type: 'input_audio_buffer.append', audio: Buffer.alloc(bytes).toString('base64') });
  return { ...protocol, say, append };
}

const update = (input: object): object => ({
  type: 'session.update',
  session: { type: 'transcription', audio: { input } },
});

/** What the client is told where the engine answers every command with `events`, and nothing else. */
function told({ write }: Opened, commands: readonly Command<RealtimeNote>[], events: readonly RecognitionEvent[] = []) {
  const frames = commands.flatMap((command) => ('note' in command ? write({ note: command.note, events }) : []));
  return frames.map((frame) => JSON.parse(frame) as { readonly type: string; readonly event_id: string });
}

const word = { word: 'one', start: 0.1, end: 0.4, confidence: 1 };
const final: RecognitionEvent = { type: 'final', text: 'one', words: [word], start: 0.1, end: 0.4 };

describe('reading', () => {
  test('the first whole sample opens a stream; half a sample waits for its other half', () => {
    const { append } = opened();
    expect(append(1)).toEqual([]);
    expect(append(4_800)).toMatchObject([
      { type: 'open', options: { model: 'codes-en', sampleRate: 24_000 }, encoding: 's16le', secondsBefore: 0 },
      { type: 'push', samples: new Float32Array(2_400), note: { kind: 'words', context: { receivedMs: 100 } } },
    ]);
    expect(append(1)).toMatchObject([{ type: 'push', samples: new Float32Array(1) }]);
  });

  test('a change of how audio is heard settles and ends the stream; the next one goes on in the count of seconds', () => {
    const { append, say } = opened();
    append(48_000);
    const commands = say(update({ format: { type: 'audio/pcmu' } }));
    expect(commands.map(({ type }) => type)).toEqual(['ignored', 'flush', 'end', 'tell']);
    expect(append(8_000)).toMatchObject([
      { type: 'open', options: { sampleRate: 8_000 }, encoding: 'mulaw', secondsBefore: 1 },
      { type: 'push', note: { context: { receivedMs: 2_000 } } },
    ]);
    expect(say(update({})).map(({ type }) => type)).toEqual(['ignored', 'tell']); // nothing that is heard apart
  });

  const opening = (transcription: object): unknown => {
    const { append, say } = opened();
    const commands = say(update({ transcription }));
    const [open] = append(4_800);
    const ignored = commands.flatMap((command) => (command.type === 'ignored' ? command.names : []));
    return { ignored, grammar: open?.type === 'open' && open.options.grammar };
  };

  test.each([
    [
      { keywords: ['One two', ' '], prompt: 'Agent: three, hello; zero one' },
      {
        ignored: [],
        grammar: {
          boosts: [
            { phrase: 'One two', boost: 2 },
            { phrase: 'Agent', boost: 1 },
            { phrase: 'three', boost: 1 },
            { phrase: 'hello', boost: 1 },
            { phrase: 'zero one', boost: 1 },
          ],
        },
      },
    ],
    [
      { grammar: ['one', 'two'], keywords: ['two'] },
      { ignored: [], grammar: { boosts: [{ phrase: 'two', boost: 2 }], among: ['one', 'two'] } },
    ],
    [
      { grammar: ['one', 'two'], keywords: ['three'], prompt: 'a support call' },
      {
        ignored: ['transcription.keywords', 'transcription.prompt'],
        grammar: expect.objectContaining({ among: ['one', 'two'] }),
      },
    ],
    [
      { grammar: { pattern: '\\d{3}' }, keywords: ['one'] },
      { ignored: ['transcription.keywords'], grammar: { pattern: '\\d{3}' } },
    ],
    [
      { grammar: 'builtin:grammar/digits?length=3', prompt: 'one' },
      { ignored: ['transcription.prompt'], grammar: { pattern: '\\d{3,3}' } },
    ],
    [
      { keywords: null, prompt: '' },
      { ignored: [], grammar: expect.objectContaining({ name: 'digits' }) },
    ],
  ])('keywords and the phrases of a prompt are boosted: %j', (transcription, expected) => {
    expect(opening(transcription)).toEqual(expected);
  });

  test('other keywords are heard by another stream, the same ones by the same', () => {
    const { append, say } = opened();
    say(update({ transcription: { keywords: ['one'] } }));
    append(4_800);
    expect(say(update({ transcription: { keywords: ['one'] } })).map(({ type }) => type)).toEqual(['ignored', 'tell']);
    expect(say(update({ transcription: { keywords: ['two'] } })).map(({ type }) => type)).toContain('end');
  });

  test('a form that cannot be heard is refused with its field', () => {
    const protocol = opened();
    const commands = protocol.say(update({ transcription: { grammar: { jsgf: '#JSGF' } } }));
    expect(told(protocol, commands)).toMatchObject([
      { type: 'error', error: { code: 'invalid_value', param: 'session.audio.input.transcription.grammar' } },
    ]);
  });

  test('commits and clearings ask the engine where it has heard something', () => {
    const { append, say } = opened();
    expect(say({ type: 'input_audio_buffer.commit', event_id: 'one' })).toMatchObject([
      { type: 'tell', note: { kind: 'commit', eventId: 'one' } },
    ]);
    append(4_800);
    expect(say({ type: 'input_audio_buffer.clear' })).toMatchObject([{ type: 'flush', note: { kind: 'clear' } }]);
  });

  test('what is wrong with a message is told in its turn, with its name, and the session goes on', () => {
    const protocol = opened();
    const commands = protocol.say({ type: 'input_audio_buffer.append', audio: '?', event_id: 'mine' });
    expect(told(protocol, commands)).toMatchObject([{ type: 'error', error: { param: 'audio', event_id: 'mine' } }]);
    expect(told(protocol, protocol.read({ type: 'binary', bytes: new Uint8Array(2) }, MODELS))).toMatchObject([
      { type: 'error', error: { code: 'invalid_json', event_id: null } },
    ]);
    expect(protocol.append(4_800)).toHaveLength(2);
  });

  test('an address that asks for what cannot be had is told why, and closed', () => {
    const { read } = openRealtime({ path: '/v1/realtime?intent=chat', headers: {} }, MODELS);
    expect(read({ type: 'joined' }, MODELS)).toMatchObject([
      { type: 'tell', note: { event: { type: 'error', error: { param: 'intent' } } } },
      { type: 'close', code: 4000, reason: 'invalid_request_error.invalid_value' },
    ]);
  });

  test('who is dismissed is told what was under way, then why', () => {
    const protocol = opened();
    protocol.append(4_800);
    const commands = protocol.read({ type: 'left', drainReason: 'revoked' }, MODELS);
    expect(commands.map(({ type }) => type)).toEqual(['flush', 'tell', 'close']);
    expect(told(protocol, commands).at(-1)).toMatchObject({ type: 'error', error: { code: 'invalid_api_key' } });
    expect(commands.at(-1)).toMatchObject({ code: 1008, refusal: { code: 'access/revoked' } });
  });
});

describe('writing', () => {
  test('a final is a turn of its own, from its start to its text, and every event has its own name', () => {
    const protocol = opened();
    const events = told(protocol, protocol.append(48_000), [final, { type: 'endpoint', time: 0.9, reason: 'silence' }]);
    expect(events.map(({ type }) => type)).toEqual([
      'input_audio_buffer.speech_started',
      'input_audio_buffer.speech_stopped',
      'input_audio_buffer.committed',
      'conversation.item.added',
      'conversation.item.done',
      'conversation.item.input_audio_transcription.delta',
      'conversation.item.input_audio_transcription.completed',
    ]);
    expect(new Set(events.map(({ event_id: id }) => id)).size).toBe(events.length);
  });

  test('where the engine fails, the item under way has failed, and the close says of what', () => {
    const protocol = opened();
    const { frames, close } = protocol.refuse(new HearkenError('limit/audio', 'Expected less'));
    expect(frames.map((frame) => JSON.parse(frame))).toMatchObject([
      { type: 'conversation.item.input_audio_transcription.failed', error: { code: 'limit/audio' } },
    ]);
    expect(close).toMatchObject({ code: 4029, reason: 'limit/audio' });
  });
});
