/** Silence without any sound in it: a muted microphone, a line that sends nothing in pauses, what fills up a recording. */
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';

import { loadModel, type Model, type Word } from '../../src/index.ts';
import { concatenate } from '../../src/tensor/concatenate.ts';
import { Random } from '../../src/tensor/random.ts';
import { cut, samplesOf } from '../server/recordings.ts';

const RATE = 16_000;
const NAMES = ['two-numbers', 'order-code', 'phone-number', 'pin'] as const;
/** Two vectors, and what floats add. */
const TOLERANCE_SECONDS = 0.08 + 1e-6;
/** Between two words there is room on both sides of a cut. */
const LEAST_GAP_SECONDS = 0.3;

const KINDS = {
  zeros: () => 0,
  'the last three bits': (random: Random) => (random.integer(8) - 4) / 32_768,
};

function silenceOf(kind: keyof typeof KINDS, seconds: number): Float32Array {
  const random = Random.seeded(3);
  return Float32Array.from({ length: Math.round(seconds * RATE) }, () => KINDS[kind](random));
}

type Recording = { readonly samples: Float32Array; readonly words: readonly Word[] };

let model: Model;
const recordings = new Map<string, Recording>();
const noisy = new Map<string, Recording>();

/** The words of a stream that comes in pieces of `length` samples. */
async function hear(samples: Float32Array, length = samples.length): Promise<Word[]> {
  const words: Word[] = [];
  for await (const event of model.stream(cut(samples, length))) {
    if (event.type === 'final') words.push(...event.words);
  }
  return words;
}

/** `samples` in white noise 30 dB below the words. */
function withNoise({ samples, words }: Recording, random: Random): Float32Array {
  const spoken = words.map(({ start, end }) => samples.subarray(Math.round(start * RATE), Math.round(end * RATE)));
  const all = concatenate(spoken);
  const level = Math.sqrt(all.reduce((sum, sample) => sum + sample ** 2, 0) / all.length) * 10 ** (-30 / 20);
  return samples.map((sample) => sample + level * random.normal());
}

beforeAll(async () => {
  model = await loadModel('codes-en');
  for (const [index, name] of NAMES.entries()) {
    const samples = await samplesOf(name, RATE);
    const recording = { samples, words: await hear(samples) };
    recordings.set(name, recording);
    const withIt = withNoise(recording, Random.seeded(index));
    noisy.set(name, { samples: withIt, words: await hear(withIt) });
  }
});
afterAll(() => model[Symbol.asyncDispose]());

type Place = 'before' | 'between' | 'after' | 'around';

/** Where silence is put in, in seconds of the recording: in the gap between words of that number, if it is in one. */
function cutsAt({ samples, words }: Recording, place: Place, gap: number): number[] {
  const end = samples.length / RATE;
  const gaps = words.slice(1).flatMap(({ start }, index) => {
    const before = words[index]?.end ?? 0;
    return start - before >= LEAST_GAP_SECONDS ? [(start + before) / 2] : [];
  });
  const between = gaps.length === 0 ? [] : [gaps[gap % gaps.length] ?? 0];
  return { before: [0], between, after: [end], around: [0, ...between, end] }[place];
}

function insert({ samples }: Recording, cuts: readonly number[], silence: Float32Array): Float32Array {
  const places = [0, ...cuts.map((seconds) => Math.round(seconds * RATE)), samples.length];
  const parts = places.slice(1).map((place, index) => samples.subarray(places[index], place));
  return concatenate(parts.flatMap((part, index) => (index === 0 ? [part] : [silence, part])));
}

/** For each word how far its times moved, less what was put in before them. Fails where the words are others. */
function movesOf(recording: Recording, heard: readonly Word[], cuts: readonly number[], seconds: number): number[] {
  expect(heard.map(({ word }) => word).join(' ')).toBe(recording.words.map(({ word }) => word).join(' '));
  return recording.words.map(({ start, end }, index) => {
    const before = seconds * cuts.filter((at) => at <= start).length;
    const word = heard[index] ?? { start: Number.NaN, end: Number.NaN };
    return Math.max(Math.abs(word.start - before - start), Math.abs(word.end - before - end));
  });
}

/** Whether seconds of phone-number lie between "seven" and "four six": the one place where silence is known to change a word. */
const isBeforeLastTwo = (seconds: number): boolean => seconds > 4 && seconds < 4.3;

const silences = fc.record({
  name: fc.constantFrom(...NAMES),
  kind: fc.constantFrom('zeros' as const, 'the last three bits' as const),
  place: fc.constantFrom<Place>('before', 'between', 'after', 'around'),
  gap: fc.nat({ max: 5 }),
  seconds: fc.double({ min: 1, max: 12, noNaN: true }),
  pieceSeconds: fc.constantFrom(0.1, 1, 60),
});

describe('digital silence', () => {
  test('moves no word by more than two vectors, wherever it stands, and however the audio comes', async () => {
    await fc.assert(
      fc.asyncProperty(silences, async ({ name, kind, place, gap, seconds, pieceSeconds }) => {
        const recording = recordings.get(name)!; // set above for every name
        const cuts = cutsAt(recording, place, gap);
        fc.pre(!(name === 'phone-number' && cuts.some(isBeforeLastTwo))); // the test below is about it
        const silence = silenceOf(kind, seconds);
        const heard = await hear(insert(recording, cuts, silence), pieceSeconds * RATE);
        const moves = movesOf(recording, heard, cuts, silence.length / RATE);
        expect(Math.max(...moves)).toBeLessThanOrEqual(TOLERANCE_SECONDS);
      }),
      { numRuns: 40 },
    );
  });

  test('makes of "four six", parted from all before it, now and then "four z", and changes nothing else there', async () => {
    const { samples, words } = recordings.get('phone-number')!; // set above
    const cuts = cutsAt({ samples, words }, 'between', 1);
    expect(cuts.filter(isBeforeLastTwo)).toHaveLength(1);
    const earlier = words.slice(0, -1);
    for (const [index, kind] of (
      ['zeros', 'the last three bits', 'zeros', 'zeros', 'zeros', 'zeros'] as const
    ).entries()) {
      const silence = silenceOf(kind, 2.5 + 0.007 * index); // words stand otherwise among vectors of 40 ms
      const heard = await hear(insert({ samples, words }, cuts, silence));
      const moves = movesOf({ samples, words: earlier }, heard.slice(0, -1), cuts, silence.length / RATE);
      expect(Math.max(...moves)).toBeLessThanOrEqual(TOLERANCE_SECONDS);
      expect(['six', 'z']).toContain(heard.at(-1)?.word);
    }
  });

  test.each([
    { kind: 'zeros', seconds: 1200 },
    { kind: 'the last three bits', seconds: 240 },
  ] as const)('of $seconds s, $kind, moves none either', async ({ kind, seconds }) => {
    const recording = recordings.get('two-numbers')!; // set above
    const heard = await hear(insert(recording, [0], silenceOf(kind, seconds)), 10 * RATE);
    expect(Math.max(...movesOf(recording, heard, [0], seconds))).toBeLessThanOrEqual(TOLERANCE_SECONDS);
  });

  test('moves 95 % of the words in noise 30 dB below speech by no more, and changes none', async () => {
    const moves: number[] = [];
    for (const recording of noisy.values()) {
      for (const [index, place] of (['before', 'between', 'after', 'around'] as const).entries()) {
        const cuts = cutsAt(recording, place, index);
        const kind = index % 2 === 0 ? 'zeros' : 'the last three bits';
        const heard = await hear(insert(recording, cuts, silenceOf(kind, 3)));
        moves.push(...movesOf(recording, heard, cuts, 3));
      }
    }
    const within = moves.filter((move) => move <= TOLERANCE_SECONDS).length;
    expect(within / moves.length).toBeGreaterThanOrEqual(0.95);
  });
});
