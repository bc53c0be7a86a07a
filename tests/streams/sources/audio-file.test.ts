import { readFileSync } from 'node:fs';

import { lastValueFrom, toArray } from 'rxjs';
import { expect, test } from 'vitest';

import { readAudio } from '../../../src/audio/read-audio.ts';
import type { HearkenError } from '../../../src/index.ts';
import { audio, audioFile, PullObservable, pull } from '../../../streams/index.ts';
import { readFileBytes } from '../../../src/audio/byte-stream.ts';
import { expectSameBits, join } from '../../audio/chunking.ts';
import { collect } from '../collect.ts';

const path = new URL('../../../samples/pin.wav', import.meta.url).pathname;
const options = { sampleRate: 16_000 };

test('a recording gives the samples that it holds, to each subscription', async () => {
  const expected = join(await collect(readAudio(path, options)));
  const source = audioFile(path, options);
  expectSameBits(join(await lastValueFrom(source.pipe(toArray()))), expected);
  expectSameBits(join(await collect(pull(source))), expected);
});

test('the bytes of a recording are decoded, also from a plain Observable', async () => {
  const expected = join(await collect(readAudio(path, options)));
  const bytes = new PullObservable(() => readFileBytes(path));
  expectSameBits(join(await collect(pull(bytes.pipe(audio(options))))), expected);
});

test('what is wrong with a file is told to the subscriber', async () => {
  await expect(lastValueFrom(audioFile('none.wav', options))).rejects.toMatchObject({ code: 'audio/no-file' });
  expect(() => audioFile(path, { sampleRate: 1 })).toThrow(expect.objectContaining({ code: 'option/out-of-range' }));
});

test('a file that is cut short completes where it ends, for who wants to be told of it', async () => {
  const cut = readFileSync(path).subarray(0, -1_000);
  const bytes = (): PullObservable<Uint8Array> => new PullObservable(() => [cut]);
  const codes: string[] = [];
  const onDamage = ({ code }: HearkenError): void => void codes.push(code);
  const given = join(await collect(pull(bytes().pipe(audio({ ...options, onDamage })))));
  expect(given.length).toBeGreaterThan(16_000);
  expect(codes).toEqual(['wav/truncated']);
  await expect(lastValueFrom(bytes().pipe(audio(options)))).rejects.toMatchObject({ code: 'wav/truncated' });
});
