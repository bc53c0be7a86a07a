import { EMPTY, lastValueFrom, of, throwError, toArray } from 'rxjs';
import { expect, test } from 'vitest';

import { pcm, PullObservable, pull } from '../../streams/index.ts';
import { expectSameBits, join } from '../audio/chunking.ts';
import { collect } from './collect.ts';

const decode = pcm({ encoding: 's16le', inputRate: 16_000, sampleRate: 16_000 });
const samples = Float32Array.of(0, 0.5, -1, 0.25);
const bytes = new Uint8Array(Int16Array.from(samples, (sample) => 32_768 * sample).buffer);

test('bytes become samples however they were cut', async () => {
  const pieces = of(bytes.subarray(0, 3), bytes.subarray(3, 4), bytes.subarray(4));
  expectSameBits(join(await lastValueFrom(pieces.pipe(decode, toArray()))), samples);
});

test('an empty source completes', async () => {
  expect(await lastValueFrom(EMPTY.pipe(decode, toArray()))).toEqual([]);
});

test('errors of the source and of the bytes come through, after what was whole', async () => {
  await expect(lastValueFrom(throwError(() => new Error('broken')).pipe(decode))).rejects.toThrow('broken');
  const heard: Float32Array[] = [];
  const cutOff = new Promise((_, reject) => {
    of(bytes.subarray(0, 5))
      .pipe(decode)
      .subscribe({ next: (chunk) => heard.push(chunk), error: reject });
  });
  await expect(cutOff).rejects.toMatchObject({ code: 'pcm/truncated' });
  expectSameBits(join(heard), samples.subarray(0, 2));
});

test('an unsubscription closes the source, of which no more was asked than was taken', async () => {
  let asked = 0;
  let isClosed = false;
  const endless = new PullObservable(async function* () {
    try {
      for (;;) {
        asked++;
        yield bytes;
      }
    } finally {
      isClosed = true;
    }
  });
  for await (const chunk of pull(endless.pipe(decode))) if (chunk.length > 0 && asked === 3) break;
  expect(isClosed).toBe(true);
  expect(asked).toBe(3);
  expect(await collect(pull(EMPTY.pipe(decode)))).toEqual([]);
});
