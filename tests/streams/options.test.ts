import { EMPTY } from 'rxjs';
import { expect, test } from 'vitest';

import {
  audio,
  audioFile,
  bounded,
  channels,
  createBoundedQueue,
  decode,
  encode,
  exchange,
  fileBytes,
  frames,
  logMel,
  concatMapPulled,
  pcm,
  programOutput,
  recognize,
  socketMessages,
  SPEECH_FEATURES,
  watch,
  writeTo,
} from '../../streams/index.ts';

// What callers without a compiler may write.
const wrong = (value: unknown): never => value as never;
const sampleRate = 16_000;

test.each<[call: string, () => unknown, code: string, says: string]>([
  ['audio', () => audio(wrong({ samplerate: 1 })), 'option/unknown-name', 'did you mean sampleRate?'],
  ['audio', () => audio(wrong({ sampleRate, channel: 'left' })), 'option/unknown-value', 'one of mix'],
  ['audioFile', () => audioFile(wrong(7), { sampleRate }), 'option/type', '`path` to be a path'],
  ['audioFile', () => audioFile('a.wav', wrong({ sampleRate: '8000' })), 'option/type', "got '8000'"],
  ['pcm', () => pcm(wrong({ encoding: 's16le', rate: 8_000, sampleRate })), 'option/unknown-name', 'got `rate`'],
  ['pcm', () => pcm({ encoding: 's16le', inputRate: 1, sampleRate }), 'option/out-of-range', '4000..768000'],
  ['frames', () => frames(wrong({ frameLength: 400 })), 'option/missing', '`hopLength`'],
  ['frames', () => frames(wrong({ frameLength: 400, hopLenght: 1 })), 'option/unknown-name', 'mean hopLength?'],
  ['logMel', () => logMel(wrong({ ...SPEECH_FEATURES, bands: 40 })), 'option/unknown-name', 'got `bands`'],
  ['logMel', () => logMel(wrong({ ...SPEECH_FEATURES, window: 'hamm' })), 'option/unknown-value', 'povey, hann'],
  ['recognize', () => recognize(wrong('codes-en')), 'option/type', 'a model with `open`'],
  ['channels', () => channels(wrong({ channel: 'both' })), 'option/unknown-value', 'mix, each, left, right'],
  ['channels', () => channels(wrong({ chanel: 1 })), 'option/unknown-name', 'did you mean channel?'],
  ['watch', () => watch(wrong(undefined)), 'option/type', '`onItem` to be a function'],
  ['exchange', () => exchange(wrong({})), 'option/type', '`connect` to be a function'],
  ['fileBytes', () => fileBytes(wrong(7)), 'option/type', '`path` to be a path'],
  ['writeTo', () => writeTo(EMPTY, wrong('out.txt')), 'option/type', 'a stream that can be written'],
  ['encode', () => encode(wrong({})), 'option/type', 'a model with `encode`'],
  ['decode', () => decode(wrong(undefined)), 'option/type', 'got undefined'],
  ['concatMapPulled', () => concatMapPulled(wrong({})), 'option/type', '`project` to be a function'],
  ['bounded', () => bounded(wrong({ policy: 'blok', capacity: 1 })), 'queue/policy', 'did you mean block?'],
  ['bounded', () => bounded(wrong({ policy: 'block', size: 1 })), 'option/unknown-name', 'got `size`'],
  ['a queue', () => createBoundedQueue(wrong({ policy: 'block' })), 'option/missing', '`capacity`'],
  ['a queue', () => createBoundedQueue(wrong({ policy: 'coalesce-latest', capacity: 1 })), 'option/missing', 'isRepl'],
  ['programOutput', () => programOutput('echo', wrong('hello')), 'option/type', 'a list of strings'],
  ['socketMessages', () => socketMessages(wrong('ws://127.0.0.1')), 'option/type', 'a WebSocket'],
  ['socketMessages', () => socketMessages(new EventTarget() as never, wrong({ bytes: 1 })), 'option/unknown-name', ''],
])('%s refuses at once what it cannot use', (_, call, code, says) => {
  expect(call).toThrow(expect.objectContaining({ code, message: expect.stringContaining(says) }));
});
