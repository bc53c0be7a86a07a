import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';

import { DEFAULT_DECODING } from '../../src/model/decoding.ts';
import { endpointRulesOf } from '../../src/recognizer/endpointing.ts';
import {
  createEndpointer,
  type EndpointDecision,
  type Endpointer,
  type EndpointerOptions,
  type EndpointerState,
  type EndpointVector,
} from '../../src/recognizer/endpointing.ts';
import { Random } from '../../src/tensor/random.ts';

const { endpointing } = DEFAULT_DECODING;
const options: EndpointerOptions = { ...endpointing, vectorMs: 40, rules: endpointRulesOf(endpointing) };

/** Energies as measured on log-mel vectors: white noise of -55 dBFS is about -7.4 +- 0.07, near speech about 0. */
const NOISE = -7.4;

type Sound = { readonly seconds: number; readonly level: number; readonly spread?: number; readonly words?: boolean };

/** Sounds one after the other; the first label of a sound with words comes 200 ms after it began, then every 320 ms. */
function play(sounds: readonly Sound[], seed = 1): EndpointVector[] {
  const random = Random.seeded(seed);
  let hasWords = false;
  return sounds.flatMap(({ seconds, level, spread = 0.07, words = false }) =>
    Array.from({ length: Math.round(seconds * 25) }, (_, index) => {
      const hasLabel = words && index % 8 === 5;
      hasWords ||= hasLabel;
      return { energy: level + spread * random.normal(), blankProbability: hasLabel ? 0.1 : 0.99, hasWords };
    }),
  );
}

type Cut = {
  readonly decision: EndpointDecision;
  readonly at: number;
  readonly start: number;
  readonly reason?: string;
};

/** What happened at which vector; `hasWords` of an utterance is what its own vectors said. */
function listen(vectors: readonly EndpointVector[], endpointer: Endpointer = createEndpointer(options)): Cut[] {
  const cuts: Cut[] = [];
  let hasWords = false;
  const note = (decision: EndpointDecision, at: number) => {
    const { start = -1, reason } = endpointer.utterance() ?? {};
    if (decision !== 'none') cuts.push({ decision, at, start, ...(reason && { reason }) });
    if (decision === 'end') hasWords = false;
  };
  for (const [index, vector] of vectors.entries()) {
    hasWords ||= vector.blankProbability < 0.5;
    note(endpointer.push({ ...vector, hasWords }), index);
  }
  note(endpointer.finish(), vectors.length);
  return cuts;
}

const speech: Sound = { seconds: 2, level: 0, spread: 0.8, words: true };

describe.each([
  ['a quiet room', NOISE, 0],
  ['loud noise', -1, 1.5],
  ['digital silence', -15.94, 0],
])('in %s', (_, background, level) => {
  const room: Sound = { seconds: 4, level: background, spread: background < -15 ? 0 : 0.07 };

  test('an utterance starts a little before its first sound and ends the chosen pause after its last', () => {
    const endpointer = createEndpointer({ ...options, rules: endpointRulesOf({ ...endpointing, pauseMs: 700 }) });
    const cuts = listen(play([room, { ...speech, level }, room]), endpointer);
    expect(cuts.map(({ decision, reason }) => [decision, reason])).toEqual([
      ['start', undefined],
      ['end', 'silence'],
    ]);
    expect(cuts[0]?.start).toBeGreaterThanOrEqual(100 - 10);
    expect(cuts[0]?.start).toBeLessThanOrEqual(100);
    expect(cuts[1]?.at).toBeGreaterThanOrEqual(150 + 16);
    expect(cuts[1]?.at).toBeLessThanOrEqual(150 + 18);
  });

  test('a pause of 400 ms does not end it', () => {
    const cuts = listen(play([room, { ...speech, level }, { ...room, seconds: 0.4 }, { ...speech, level }, room]));
    expect(cuts.map(({ decision }) => decision)).toEqual(['start', 'end']);
  });

  test('a stream that is cut off ends the utterance', () => {
    const cuts = listen(play([room, { ...speech, level }]));
    expect(cuts.at(-1)).toMatchObject({ decision: 'end', at: 150, reason: 'end' });
  });
});

describe('an endpointer', () => {
  const room: Sound = { seconds: 4, level: NOISE };

  test.each([0, 40, 120, 240])('counts silence from the end of a word whose label comes %d ms after it', (lateMs) => {
    const vectors = play([room, speech, room]);
    vectors[150 + lateMs / 40 - 1] = { ...vectors[150 + lateMs / 40 - 1]!, blankProbability: 0.1 };
    const cuts = listen(
      vectors,
      createEndpointer({ ...options, rules: endpointRulesOf({ ...endpointing, pauseMs: 600 }) }),
    );
    expect(cuts[1]).toMatchObject({ decision: 'end', reason: 'silence', at: 150 + 15 - 1 });
  });

  test('ends an utterance without words quietly, and lets the next reach back into it', () => {
    const cuts = listen(play([room, { seconds: 0.3, level: -2 }, room, speech, room]));
    expect(cuts.map(({ decision, reason }) => [decision, reason])).toEqual([
      ['start', undefined],
      ['end', 'quiet'],
      ['start', undefined],
      ['end', 'silence'],
    ]);
  });

  test('takes voices far below the speaker for background', () => {
    const voices: Sound = { seconds: 4, level: -5, spread: 1 };
    const cuts = listen(play([voices, speech, voices]));
    const end = cuts.find(({ decision, at }) => decision === 'end' && at >= 150);
    expect(end?.reason).toBe('silence');
    expect(end?.at).toBeLessThanOrEqual(150 + 25);
  });

  test('is not held open by music after the words, nor for ever by music alone', () => {
    const music: Sound = { seconds: 30, level: 0, spread: 2 };
    const cuts = listen(play([room, speech, music]));
    expect(cuts[1]).toMatchObject({ decision: 'end', reason: 'silence' });
    expect(cuts[1]?.at).toBeLessThanOrEqual(150 + 38);
    for (const { reason } of cuts.slice(2, -1)) expect([undefined, 'quiet']).toContain(reason);
  });

  test('takes a rise of the noise for what it is after three seconds', () => {
    const cuts = listen(play([room, { seconds: 20, level: NOISE + 5 }]));
    expect(cuts.map(({ decision, reason }) => [decision, reason])).toEqual([
      ['start', undefined],
      ['end', 'quiet'],
    ]);
    expect(cuts[1]?.at).toBeLessThanOrEqual(100 + 4.2 * 25);
  });

  test('hears a word by its label where it is no louder than the noise', () => {
    const cuts = listen(play([room, { seconds: 0.4, level: NOISE, words: true }, room]));
    expect(cuts[0]).toMatchObject({ decision: 'start', start: 100 + 5 - 10 });
    expect(cuts[1]).toMatchObject({ decision: 'end', reason: 'silence' });
  });

  test('cuts endless speech at its first short pause after 15 s, else at 30 s, and loses no vector', () => {
    const talk = (seconds: number): Sound[] =>
      Array.from({ length: seconds / 0.32 }, () => [
        { seconds: 0.24, level: 0, words: true },
        { seconds: 0.08, level: NOISE },
      ]).flat();
    const cuts = listen(play([{ ...room, seconds: 1 }, ...talk(80)]));
    const ends = cuts.filter(({ decision }) => decision === 'end');
    const starts = cuts.filter(({ decision }) => decision === 'start');
    expect(ends.slice(0, 2).map(({ reason }) => reason)).toEqual(['length', 'length']);
    expect((ends[0]?.at ?? 0) + 1 - (starts[0]?.start ?? 0)).toBe(750);
    expect(starts[1]?.start).toBe((ends[0]?.at ?? 0) + 1);
    const paused = listen(play([room, ...talk(16), { ...room, seconds: 0.24 }, ...talk(16)]));
    expect(paused.find(({ decision }) => decision === 'end')).toMatchObject({
      reason: 'length',
      at: 100 + 400 - 2 + 3,
    });
  });

  test('follows its own rules', () => {
    const rules = [{ reason: 'silence', mustContainWords: true, minTrailingSilenceMs: 240 }] as const;
    const cuts = listen(play([room, speech, room]), createEndpointer({ ...options, rules }));
    expect(cuts[1]?.at).toBeLessThanOrEqual(150 + 6);
  });

  const sound = fc.record({
    seconds: fc.double({ min: 0.04, max: 3, noNaN: true }),
    level: fc.double({ min: -16, max: 3, noNaN: true }),
    spread: fc.double({ min: 0, max: 2, noNaN: true }),
    words: fc.boolean(),
  });

  test('gives utterances in order that share no vector and lie inside the stream, whatever it hears', () => {
    fc.assert(
      fc.property(fc.array(sound, { maxLength: 12 }), fc.nat(), (sounds, seed) => {
        const vectors = play(sounds, seed);
        const cuts = listen(vectors);
        let settled = 0;
        let hadWords = true;
        for (const [index, { decision, at, start }] of cuts.entries()) {
          expect(decision).toBe(index % 2 === 0 ? 'start' : 'end');
          expect(start).toBeGreaterThanOrEqual(hadWords ? settled : settled - 10);
          expect(start).toBeLessThanOrEqual(at);
          const end = Math.min(at + 1, vectors.length);
          hadWords = decision === 'end' && vectors.slice(start, end).some((vector) => vector.blankProbability < 0.5);
          settled = decision === 'end' ? end : settled;
        }
        expect(cuts.length % 2).toBe(0);
      }),
    );
  });

  test('goes on from a snapshot that went through JSON as if nothing had happened', () => {
    fc.assert(
      fc.property(fc.array(sound, { minLength: 1, maxLength: 8 }), fc.nat(), fc.nat(), (sounds, seed, where) => {
        const vectors = play(sounds, seed);
        const whole = createEndpointer(options);
        let resumed = createEndpointer(options);
        for (const [index, vector] of vectors.entries()) {
          if (index === where % vectors.length) {
            const state: EndpointerState = JSON.parse(JSON.stringify(resumed.snapshot()));
            resumed = createEndpointer(options, state);
          }
          expect(resumed.push(vector)).toBe(whole.push(vector));
        }
        expect(resumed.snapshot()).toEqual(whole.snapshot());
      }),
    );
  });

  test('says nothing about nothing', () => {
    expect(listen([])).toEqual([]);
  });

  test('names what is wrong with its options and its vectors', () => {
    expect(() => createEndpointer({ ...options, vectorMs: 0 })).toThrow('Expected `vectorMs` in 1..1000, got 0');
    expect(() => createEndpointer({ ...options, rules: [{ reason: 'length' }] })).toThrow('longest time of rules[0]');
    expect(() => createEndpointer({ ...options, rules: [{ reason: 'length', minUtteranceMs: -1 }] })).toThrow(
      'Expected `rules[0].minUtteranceMs` in 0..3600000, got -1',
    );
    const endpointer = createEndpointer(options);
    expect(() => endpointer.push({ energy: Number.NaN, blankProbability: 1, hasWords: false })).toThrow(
      'got NaN and 1',
    );
    expect(() => endpointer.push({ energy: 0, blankProbability: 2, hasWords: false })).toThrow('got 0 and 2');
  });
});
