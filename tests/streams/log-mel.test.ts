import { concatMap, lastValueFrom, of, toArray } from 'rxjs';
import { TestScheduler } from 'rxjs/testing';
import { expect, test } from 'vitest';

import { logMel as logMelOf } from '../../src/audio/log-mel.ts';
import { logMel, PullObservable, pull, SPEECH_FEATURES } from '../../streams/index.ts';
import { cut, expectSameBits, join, noise } from '../audio/chunking.ts';
import { collect } from './collect.ts';

const samples = noise(1_000);
const rows = logMelOf(SPEECH_FEATURES, samples);
const chunks = { a: samples.subarray(0, 300), b: samples.subarray(300) };

function runMarbles(run: Parameters<TestScheduler['run']>[0]): void {
  new TestScheduler((actual, expected) => expect(actual).toEqual(expected)).run(run);
}

test('rows come with the chunk that completes them, none before', () => {
  runMarbles(({ hot, expectObservable }) => {
    expectObservable(hot('-a-b-|', chunks).pipe(logMel(SPEECH_FEATURES))).toBe('---r-|', { r: rows });
  });
});

test('an empty source completes, an error of the source comes through at once', () => {
  runMarbles(({ cold, expectObservable }) => {
    expectObservable(cold('-|', chunks).pipe(logMel(SPEECH_FEATURES))).toBe('-|');
    expectObservable(cold('-a#', chunks).pipe(logMel(SPEECH_FEATURES))).toBe('--#');
  });
});

test('an unsubscription and an error in what follows reach the source', () => {
  runMarbles(({ hot, expectObservable, expectSubscriptions }) => {
    const source = hot('-a-b-a-|', chunks);
    expectObservable(source.pipe(logMel(SPEECH_FEATURES)), '^-!').toBe('---');
    const fails = source.pipe(
      logMel(SPEECH_FEATURES),
      concatMap(() => {
        throw 'error';
      }),
    );
    expectObservable(fails).toBe('---#');
    expectSubscriptions(source.subscriptions).toBe(['^-!', '^--!']);
  });
});

test('rows do not depend on how the samples were cut, nor on other subscriptions', async () => {
  const stream = new PullObservable(() => cut(samples, [0.1, 0.5, 0.51])).pipe(logMel(SPEECH_FEATURES));
  const [first, second] = await Promise.all([collect(pull(stream)), collect(pull(stream))]);
  expectSameBits(join(first ?? []), rows);
  expectSameBits(join(second ?? []), rows);
  const plain = await lastValueFrom(of(chunks.a, chunks.b).pipe(logMel(SPEECH_FEATURES), toArray()));
  expectSameBits(join(plain), rows);
});

test('features that contradict themselves are refused at once', () => {
  expect(() => logMel({ ...SPEECH_FEATURES, fftLength: 500 })).toThrow(
    expect.objectContaining({ code: 'log-mel/config' }),
  );
});
