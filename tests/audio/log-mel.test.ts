import fc from 'fast-check';
import { describe, expect, test } from 'vitest';

import { createLogMel, createSingleAnalysis, type LogMelConfig, logMel } from '../../src/audio/log-mel.ts';
import { cut, cutsArbitrary, expectSameBits, join, noise } from './chunking.ts';

const config: LogMelConfig = {
  sampleRate: 16_000,
  frameLength: 400,
  hopLength: 160,
  fftLength: 512,
  bandCount: 40,
  lowHz: 64,
  highHz: 7600,
  window: 'povey',
  preemphasis: 0.97,
  removeDcOffset: true,
  energyFloor: 1.1920929e-7,
};

describe('logMel', () => {
  test('a frame stands for each hop that a whole frame fits in', () => {
    const frameCounts = [0, 399, 400, 559, 560, 16_000].map((length) => logMel(config, noise(length)).length / 40);
    expect(frameCounts).toEqual([0, 0, 1, 1, 2, 98]);
  });

  test('digital silence is the logarithm of the floor', () => {
    const rows = logMel(config, new Float32Array(400));
    expect([...rows]).toEqual(Array(40).fill(Math.fround(Math.log(config.energyFloor))));
  });

  test('frames in pairs are the frames one by one, whatever the configuration', () => {
    const configs = fc
      .record({
        log2: fc.integer({ min: 3, max: 10 }),
        unused: fc.integer({ min: 0, max: 40 }),
        window: fc.constantFrom('povey', 'hann', 'hamming' as const),
        preemphasis: fc.constantFrom(0, 0.97),
        removeDcOffset: fc.boolean(),
      })
      .map(({ log2, unused, ...rest }): LogMelConfig => {
        const frameLength = Math.max(5, 2 ** log2 - unused);
        return { ...config, ...rest, frameLength, fftLength: 2 ** log2, hopLength: 3, bandCount: 4 };
      });
    const property = fc.property(configs, fc.integer({ min: 0, max: 40 }), fc.nat(), (tried, surplus, seed) => {
      const samples = noise(tried.frameLength + surplus, 0.3, seed);
      const rows = logMel(tried, samples);
      const analyze = createSingleAnalysis(tried, 1);
      const expected = new Float32Array(rows.length);
      for (let row = 0; row < rows.length / 4; row++) {
        analyze(samples.subarray(3 * row, 3 * row + tried.frameLength), undefined, expected, row);
      }
      for (const [index, value] of rows.entries()) expect(Math.abs(value - (expected[index] ?? 0))).toBeLessThan(2e-6);
    });
    fc.assert(property, { numRuns: 60 });
  });

  test('a tone is loudest in the band around it, and a warp of 1.2 moves that band up by it', () => {
    const tone = (hz: number) =>
      Float32Array.from({ length: 400 }, (_, t) => Math.sin((2 * Math.PI * hz * t) / 16_000));
    const loudest = (rows: Float32Array) => rows.indexOf(Math.max(...rows));
    expect(loudest(logMel(config, tone(1200), { warp: 1.2 }))).toBe(loudest(logMel(config, tone(1000))));
    expect(loudest(logMel(config, tone(1200)))).toBeGreaterThan(loudest(logMel(config, tone(1000))));
  });

  test('bands warped past half the sample rate hear nothing', () => {
    const rows = logMel(config, noise(400), { warp: 2 });
    expect(rows[39]).toBe(Math.fround(Math.log(config.energyFloor)));
  });

  test('a NaN or infinite sample stays in the frames that cover it', () => {
    const samples = noise(1600);
    const clean = logMel(config, samples);
    samples[1000] = Number.NaN;
    const rows = logMel(config, samples);
    const touched = Array.from({ length: rows.length / 40 }, (_, row) => Number.isNaN(rows[row * 40]));
    expect(touched).toEqual([false, false, false, false, true, true, true, false]);
    expect(rows.slice(280)).toEqual(clean.slice(280));
  });

  test.each([
    ['fftLength', { fftLength: 500 }],
    ['fftLength', { fftLength: 256 }],
    ['hopLength', { hopLength: 401 }],
    ['frameLength', { frameLength: 0.5 }],
    ['highHz', { highHz: 8001 }],
    ['lowHz', { lowHz: 7600 }],
    ['window', { window: 'blackman' as 'hann' }],
    ['energyFloor', { energyFloor: 0 }],
    ['bandCount', { bandCount: Number.NaN }],
  ])('a contradictory config is refused by the name of its field: %s', (field, change) => {
    expect(() => logMel({ ...config, ...change }, noise(400))).toThrow(`\`${field}\``);
  });

  test('a warp out of range is refused', () => {
    expect(() => createLogMel(config, { warp: 2.1 })).toThrow('Expected `warp` in 0.5..2, got 2.1');
  });
});

describe('a stream of frames', () => {
  test('does not depend on how the samples were cut', () => {
    const property = fc.property(fc.integer({ min: 0, max: 4000 }), cutsArbitrary, (length, cuts) => {
      const samples = noise(length, 0.3, length);
      const stream = createLogMel(config);
      expectSameBits(join(cut(samples, cuts).map(stream.push)), logMel(config, samples));
    });
    fc.assert(property);
  });

  test('fed one sample at a time gives the frames of the whole', () => {
    const samples = noise(1200);
    const stream = createLogMel(config);
    expectSameBits(join([...samples].map((sample) => stream.push(Float32Array.of(sample)))), logMel(config, samples));
  });

  test('goes on from a snapshot as if nothing had happened', () => {
    const property = fc.property(fc.integer({ min: 0, max: 2000 }), (at) => {
      const samples = noise(2000);
      const stream = createLogMel(config);
      const before = stream.push(samples.slice(0, at));
      const resumed = createLogMel(config);
      resumed.push(noise(777));
      resumed.restore(stream.snapshot());
      expectSameBits(join([before, resumed.push(samples.slice(at))]), logMel(config, samples));
    });
    fc.assert(property);
  });

  test('two forks do not hear each other', () => {
    const [one, other] = [noise(1000, 0.5, 3), noise(1000, 0.5, 4)];
    const first = createLogMel(config);
    const second = first.fork();
    const rows = [first.push(one.slice(0, 500)), second.push(other.slice(0, 700))];
    expectSameBits(join([...rows.slice(0, 1), first.push(one.slice(500))]), logMel(config, one));
    expectSameBits(join([...rows.slice(1), second.push(other.slice(700))]), logMel(config, other));
  });

  test('holds less than a frame', () => {
    const stream = createLogMel(config);
    stream.push(noise(100_000));
    expect(stream.snapshot().tail.length).toBeLessThan(config.frameLength);
    expect(() => stream.restore({ tail: new Float32Array(400) })).toThrow('`state.tail.length`');
  });
});
