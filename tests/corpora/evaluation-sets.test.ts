import { describe, expect, test } from 'vitest';

import { CLIP_RATE, rootMeanSquare } from '../../corpora/clip.ts';
import {
  afterSilence,
  asIfPlayedAt,
  asIfSampledAt,
  asSecondUtterances,
  type Condition,
  humanItems,
  inCondition,
  syntheticItems,
  type TestItem,
} from '../../corpora/evaluation-sets.ts';
import type { HumanClip } from '../../corpora/human-speech.ts';
import type { NoiseBank } from '../../corpora/noise.ts';
import { burst, decibels, digest } from './sound.ts';

const CLEAN: Condition = { noise: 'clean', snr: Number.POSITIVE_INFINITY };
const PADDING = CLIP_RATE / 4;
const PADDING_ONLY = new Float32Array(2 * PADDING);

const CLIPS: readonly HumanClip[] = ['Ann', 'Bob'].flatMap((speaker, person) =>
  Array.from('0123456789x', (label, index) => ({
    speaker,
    kind: label === 'x' ? ('letter' as const) : ('digit' as const),
    label,
    samples: burst(100 * person + index, 0.3 + 0.01 * index),
  })),
);

const BANK: NoiseBank = { music: [burst(7, 30)], babble: [burst(8, 30)] };

describe('humanItems', () => {
  const items = humanItems(CLIPS);

  test('holds every clip by itself and 100 strings of digits a speaker', () => {
    expect(items.filter(({ kind }) => kind === 'isolated').map(({ labels }) => labels[0])).toEqual(
      CLIPS.map(({ label }) => label),
    );
    const strings = items.filter(({ kind }) => kind === 'connected');
    expect(strings.filter(({ speaker }) => speaker === 'Ann').length).toBe(100);
    expect(strings.filter(({ speaker }) => speaker === 'Bob').length).toBe(100);
    expect(new Set(strings.map(({ labels }) => labels.length))).toEqual(new Set([4, 5, 6, 7, 8]));
    expect(strings.flatMap(({ labels }) => labels)).not.toContain('x');
  });

  test('takes the letter o for a letter only', () => {
    const [digit, letter] = humanItems(
      (['digit', 'letter'] as const).map((kind) => ({ speaker: 'Ann', kind, label: 'o', samples: burst(1) })),
    );
    expect(digit).not.toHaveProperty('writtenAs');
    expect(letter?.writtenAs).toBe('o');
  });

  test('joins the clips of one speaker, unchanged, with gaps of 50-300 ms', () => {
    for (const { speaker, labels, samples, ends } of items.filter(({ kind }) => kind === 'connected').slice(0, 20)) {
      const clips = labels.map((label) => CLIPS.find((clip) => clip.speaker === speaker && clip.label === label));
      let at = PADDING;
      for (const [index, clip] of clips.entries()) {
        const word = clip?.samples ?? new Float32Array();
        // Clips begin with a zero, as the gap does: look for the second sample.
        let gap = 0;
        while (samples[at + gap + 1] === 0) gap++;
        expect(index === 0 ? gap : gap / CLIP_RATE).toBeGreaterThanOrEqual(index === 0 ? 0 : 0.05 - 1e-4);
        expect(gap / CLIP_RATE).toBeLessThanOrEqual(0.3 + 1e-4);
        expect(digest(samples.subarray(at + gap, at + gap + word.length))).toBe(digest(word));
        at += gap + word.length;
        expect(ends?.[index]).toBe(at);
      }
      expect(samples.length).toBe(at + PADDING);
    }
  });

  test('is the same each time', () => {
    const digests = (all: typeof items): string[] => all.map(({ samples }) => digest(samples));
    expect(digests(humanItems(CLIPS))).toEqual(digests(items));
  });
});

describe('asIfPlayedAt', () => {
  const tone = Float32Array.from({ length: CLIP_RATE }, (_, n) => Math.sin((2 * Math.PI * 200 * n) / CLIP_RATE));
  const item: TestItem = { kind: 'isolated', speaker: 'Ann', labels: ['1'], samples: tone };

  test('shortens the speech and raises it by the same factor', () => {
    const [faster] = asIfPlayedAt([item], 1.25);
    const samples = faster?.samples ?? new Float32Array();
    expect(Math.abs(samples.length - CLIP_RATE / 1.25)).toBeLessThan(8);
    const crossings = samples.filter((sample, n) => n > 0 && sample >= 0 && samples[n - 1]! < 0).length;
    expect(Math.abs(crossings / (samples.length / CLIP_RATE) - 250)).toBeLessThan(2);
    expect(faster?.labels).toEqual(['1']);
  });

  test('moves the ends of words with the speech, as a silence or another utterance before it does', () => {
    const word = { ...item, kind: 'connected', ends: [8_000] } as const;
    const endsIn = ([first]: readonly TestItem[]): readonly number[] | undefined => first?.ends;
    expect(endsIn(asIfPlayedAt([word], 1.25))).toEqual([6_400]);
    expect(endsIn(afterSilence([word], 2))).toEqual([2 * CLIP_RATE + 8_000]);
    expect(endsIn(asSecondUtterances([word]))).toEqual([CLIP_RATE + 1.5 * CLIP_RATE + 8_000]);
  });

  test.each([0, -1, 0.49, 2.01, Number.NaN])('refuses a speed of %s', (speed) => {
    expect(() => asIfPlayedAt([item], speed)).toThrow('in 0.5..2');
  });
});

describe('asIfSampledAt', () => {
  test('leaves the length and what lies below half the rate, and nothing above', () => {
    const tone = (hz: number): Float32Array =>
      Float32Array.from({ length: CLIP_RATE }, (_, n) => 0.5 * Math.sin((2 * Math.PI * hz * n) / CLIP_RATE));
    const items = humanItems([
      { speaker: 'Ann', kind: 'letter', label: 'a', samples: tone(1000) },
      { speaker: 'Ann', kind: 'letter', label: 'b', samples: tone(6000) },
    ]);
    const [low, high] = asIfSampledAt(items, 8000);
    expect([low?.samples.length, high?.samples.length]).toEqual(items.map(({ samples }) => samples.length));
    expect(rootMeanSquare(low?.samples ?? PADDING_ONLY)).toBeCloseTo(
      rootMeanSquare(items[0]?.samples ?? PADDING_ONLY),
      3,
    );
    expect(rootMeanSquare(high?.samples ?? PADDING_ONLY)).toBeLessThan(1e-3);
  });

  test('refuses what is no rate', () => {
    expect(() => asIfSampledAt([], 0)).toThrow(/Expected/);
  });
});

describe('afterSilence', () => {
  const [first] = humanItems(CLIPS);
  const item = first!;
  const [waited] = afterSilence([item], 2);

  test('leaves the speech as it is, after the floor alone', () => {
    const { samples } = inCondition(waited ?? item, 0, CLEAN);
    expect(samples.length).toBe(2 * CLIP_RATE + item.samples.length);
    expect(decibels(rootMeanSquare(samples.subarray(0, 2 * CLIP_RATE)))).toBeCloseTo(-55, 0);
    const atOnce = inCondition(item, 0, CLEAN).samples;
    const error = samples.subarray(2 * CLIP_RATE).map((sample, n) => sample - (atOnce[n] ?? 0));
    expect(decibels(rootMeanSquare(error))).toBeLessThan(-50); // two draws of the floor
  });

  test('does not count the silence as speech where noise is mixed in', () => {
    const condition = { noise: 'white', snr: 10 } as const;
    const level = (each: TestItem): number => rootMeanSquare(inCondition(each, 0, condition).samples.subarray(-1000));
    expect(decibels(level(waited ?? item))).toBeCloseTo(decibels(level(item)), 0);
  });
});

describe('inCondition', () => {
  const [, , third] = humanItems(CLIPS);
  const item = third!;

  test('puts a noise floor of -55 dBFS under everything', () => {
    const { samples } = inCondition(item, 2, CLEAN);
    expect(decibels(rootMeanSquare(samples.subarray(0, PADDING)))).toBeCloseTo(-55, 0);
    expect(samples.every((sample) => Number.isInteger(sample * 32_768))).toBe(true);
  });

  test.each([
    { noise: 'white', snr: 20 },
    { noise: 'music', snr: 10 },
    { noise: 'babble', snr: 0 },
  ] as const)('mixes $noise at $snr dB over the speech', (condition) => {
    const noisy = inCondition(item, 2, condition, BANK).samples;
    const scale = Math.max(...noisy.map(Math.abs));
    const speech = item.samples.subarray(PADDING, -PADDING);
    // The least-squares share of the clean signal in the noisy one tells signal from noise.
    const mixed = noisy.subarray(PADDING, -PADDING);
    const gain = dot(mixed, speech) / dot(speech, speech);
    const rest = mixed.map((sample, n) => sample - gain * (speech[n] ?? 0));
    const ratio = decibels((gain * rootMeanSquare(speech)) / rootMeanSquare(rest));
    expect(Math.abs(ratio - condition.snr)).toBeLessThan(1);
    expect(scale).toBeCloseTo(0.6, 1);
  });

  test('draws the same noise for the same item and another for the next', () => {
    const white = { noise: 'white', snr: 5 } as const;
    const drawn = (index: number): string => digest(inCondition(item, index, white).samples);
    expect(drawn(2)).toBe(drawn(2));
    expect(drawn(3)).not.toBe(drawn(2));
  });

  test('refuses babble without a bank', () => {
    expect(() => inCondition(item, 0, { noise: 'babble', snr: 5 })).toThrow('Expected a noise bank');
  });
});

describe('syntheticItems', () => {
  test('takes only what was held out, evenly', () => {
    const utterances = Array.from({ length: 2000 }, (_, index) => ({
      voice: 'v',
      source: 'formants' as const,
      split: index % 2 === 0 ? ('dev' as const) : ('train' as const),
      labels: index % 4 === 0 ? ['1'] : ['1', String(index)],
      samples: Int16Array.of(index),
    }));
    const items = syntheticItems(utterances);
    expect(items.filter(({ kind }) => kind === 'isolated').length).toBe(400);
    const strings = items.filter(({ kind }) => kind === 'connected');
    expect(strings.length).toBe(400);
    expect(strings.every(({ labels }) => Number(labels[1]) % 4 === 2)).toBe(true);
  });
});

function dot(a: Float32Array, b: Float32Array): number {
  return a.reduce((sum, value, n) => sum + value * (b[n] ?? 0), 0);
}
