/** The vosk-server protocol without a socket: what messages ask for, what answers are told as. */
import { describe, expect, test } from 'vitest';

import type { RecognitionEvent } from '../../../server/engine/client.ts';
import { openVosk, type VoskNote } from '../../../server/vosk/protocol.ts';
import type { Command, WireProtocol } from '../../../server/wire-protocol.ts';
import { HearkenError } from '../../../src/errors.ts';
import { servedModel } from '../served-model.ts';

const MODELS = [servedModel('codes-en'), servedModel('codes-de', 'de')];

function opened(path = '/'): WireProtocol<VoskNote> & { readonly say: (text: string) => readonly Command<VoskNote>[] } {
  const protocol = openVosk(path);
  protocol.read({ type: 'joined' }, MODELS);
  return { ...protocol, say: (text) => protocol.read({ type: 'text', text }, MODELS) };
}

const frame = { type: 'binary', bytes: new Uint8Array(3_200) } as const;
const words = (text: string): Extract<RecognitionEvent, { type: 'final' }>['words'] =>
  text.split(' ').map((word, index) => ({ word, start: index, end: index + 1, confidence: 1 }));
const partial = (text: string): RecognitionEvent => ({ type: 'partial', text, words: words(text) });
const final = (text: string): RecognitionEvent => ({ type: 'final', text, words: words(text), start: 0, end: 9 });

/** The note of the last command that has one. */
function noteOf(commands: readonly Command<VoskNote>[]): VoskNote {
  const note = commands.flatMap((command) => ('note' in command ? [command.note] : [])).at(-1);
  if (note === undefined) throw new Error('Expected something that is answered');
  return note;
}

describe('reading', () => {
  const grammarAfter = (config: object): unknown => {
    const { read, say } = opened();
    say(JSON.stringify({ config }));
    const [open] = read(frame, MODELS);
    return open?.type === 'open' ? open.options.grammar : undefined;
  };

  test.each([
    [
      { phrase_list: ['three', { phrase: 'one two', boost: 4, label: '12' }] },
      { boosts: [{ phrase: 'one two', boost: 4, label: '12' }], among: ['three', 'one', 'two'] },
    ],
    [{ grammar: { pattern: '\\d{2}', check: 'luhn' } }, { pattern: '\\d{2}', check: 'luhn' }],
    [{ grammar: { phrases: ['one two'] } }, { phrases: ['one two'] }],
    [{ grammar: 'builtin:grammar/digits?length=2' }, { pattern: '\\d{2,2}' }],
  ])('phrases may be boosted, and a form may be heard: %j', (config, grammar) => {
    expect(grammarAfter(config)).toEqual(grammar);
  });

  test('what a client chose last is heard', () => {
    const { read, say } = opened();
    say('{"config":{"grammar":{"pattern":"1"}}}');
    say('{"config":{"phrase_list":["one"]}}');
    expect(read(frame, MODELS)[0]).toMatchObject({ options: { grammar: { name: 'words' } } });
  });

  test('audio opens a stream by the settings so far, and goes on in it whatever is set later', () => {
    const { read, say } = opened('/codes-de');
    say('{"config":{"sample_rate":16000,"phrase_list":["one two"]}}');
    const [open, push] = read(frame, MODELS);
    expect(open).toMatchObject({
      type: 'open',
      options: {
        model: 'codes-de',
        sampleRate: 16_000,
        grammar: {
          name: 'words',
          words: new Map([
            [2, 'one'],
            [3, 'two'],
          ]),
        },
      },
      encoding: 's16le',
      secondsBefore: 0,
    });
    expect(push).toMatchObject({
      type: 'push',
      samples: new Float32Array(1_600),
      note: { kind: 'audio', isFirst: true },
    });
    expect(say('{"config":{"sample_rate":8000}}')).toEqual([{ type: 'ignored', names: [] }]);
    expect(read(frame, MODELS)).toMatchObject([{ type: 'push', note: { isFirst: false } }]);
  });

  test('another model ends the stream, and the next audio opens one of it', () => {
    const { read, say } = opened();
    read(frame, MODELS);
    expect(say('{"config":{"model":"codes-de"}}')).toEqual([{ type: 'ignored', names: [] }, { type: 'end' }]);
    expect(read(frame, MODELS)[0]).toMatchObject({ type: 'open', options: { model: 'codes-de', sampleRate: 8_000 } });
  });

  test('the end asks for a result, then closes; of no audio the engine is not asked', () => {
    expect(opened().say('{"eof":1}').slice(1)).toMatchObject([
      { type: 'tell', note: { kind: 'nothing' } },
      { type: 'close', code: 1000, reason: '' },
    ]);
    const { read, say } = opened();
    read(frame, MODELS);
    expect(say('{"reset":1}').slice(1)).toMatchObject([{ type: 'flush', note: { kind: 'result' } }]);
  });

  test('a client that is dismissed is closed, and says why where its key was revoked', () => {
    const { read } = opened();
    expect(read({ type: 'left', drainReason: 'restart' }, MODELS)).toEqual([
      { type: 'close', code: 1012, reason: 'server is shutting down' },
    ]);
    expect(read({ type: 'left', drainReason: 'revoked' }, MODELS)).toMatchObject([
      { type: 'close', code: 1008, refusal: { code: 'access/revoked' } },
    ]);
  });

  test('what is no request, and a server without a model, are refused with the code that says what was wrong', () => {
    const { say, refuse } = opened();
    expect(() => say('{')).toThrow(expect.objectContaining({ code: 'vosk/json' }));
    expect(() => say('{"config":{"sample_rate":1}}')).toThrow(expect.objectContaining({ code: 'vosk/sample-rate' }));
    expect(() => openVosk('/').read({ type: 'joined' }, [])).toThrow(
      expect.objectContaining({ code: 'model/unknown-id' }),
    );
    const { close, frames } = refuse(new HearkenError('vosk/json', 'Expected JSON'));
    expect(frames).toEqual([]);
    expect(close).toMatchObject({ code: 1007, reason: 'vosk/json: Expected JSON' });
  });
});

describe('writing', () => {
  test('a result has what is written, where a form is heard', () => {
    const { read, say, write } = opened();
    say('{"config":{"words":0}}');
    const note = noteOf(read(frame, MODELS));
    const heard = { ...final('one two'), written: '12', complete: true, valid: true } as RecognitionEvent;
    expect(JSON.parse(write({ note, events: [heard] })[0]!)).toEqual({ text: 'one two', written: '12' });
    expect(JSON.parse(write({ note, events: [final('one two')] })[0]!)).toEqual({ text: 'one two' });
  });

  test('each piece of audio is answered once: by the partial so far, or by what became final', () => {
    const { read, write } = opened();
    const first = noteOf(read(frame, MODELS));
    const later = noteOf(read(frame, MODELS));
    expect(write({ note: first, events: [partial('one')] })).toEqual(['{\n  "partial" : "one"\n}']);
    expect(write({ note: later, events: [] })).toEqual(['{\n  "partial" : "one"\n}']);
    const [result] = write({ note: later, events: [final('one two'), partial('three')] });
    expect(JSON.parse(result ?? '')).toMatchObject({ text: 'one two', result: [{ word: 'one' }, { word: 'two' }] });
    expect(write({ note: later, events: [] })).toEqual(['{\n  "partial" : "three"\n}']);
  });

  test('a result of nothing since the last one is empty; a new stream forgets the partial of the one before', () => {
    const { read, write, say } = opened();
    const audio = noteOf(read(frame, MODELS));
    const result = noteOf(say('{"reset":1}'));
    write({ note: audio, events: [partial('one')] });
    expect(write({ note: result, events: [final('one')] })[0]).toContain('"text" : "one"');
    expect(write({ note: result, events: [] })).toEqual(['{"text": ""}']);
    write({ note: audio, events: [partial('two')] });
    say('{"config":{"model":"codes-de"}}');
    expect(write({ note: noteOf(read(frame, MODELS)), events: [] })).toEqual(['{\n  "partial" : ""\n}']);
  });
});
