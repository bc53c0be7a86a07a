import { describe, expect, test } from 'vitest';

import { createChunkQueue } from '../../console/audio/chunk-queue.ts';
import { toPcm16 } from '../../console/audio/pcm16.ts';
import { createSignalTrace } from '../../console/signal/signal-trace.ts';

describe('samples on their way to the server', () => {
  test('are written as s16le, what is too loud at the edge', () => {
    const bytes = toPcm16(Float32Array.of(0, 0.5, -1, 1, -2, 2));
    expect([...new Int16Array(bytes.buffer)]).toEqual([0, 16_384, -32_768, 32_767, -32_768, 32_767]);
  });

  test('wait in order until they are asked for, also those that came before the end', async () => {
    const queue = createChunkQueue(100);
    queue.push(Float32Array.of(1));
    queue.push(Float32Array.of(2));
    queue.end();
    queue.push(Float32Array.of(3));
    const read: number[] = [];
    for await (const chunk of queue.chunks) read.push(...chunk);
    expect(read).toEqual([1, 2]);
  });

  test('end the stream where too many of them wait: none is left out in silence', async () => {
    const queue = createChunkQueue(3);
    queue.push(new Float32Array(2));
    queue.push(new Float32Array(2));
    const reading = queue.chunks[Symbol.asyncIterator]().next();
    await expect(reading).rejects.toMatchObject({ code: 'console/behind' });
  });
});

describe('the picture of the signal', () => {
  const tone = (seconds: number): Float32Array =>
    Float32Array.from(
      { length: 16_000 * seconds },
      (_, index) => 0.5 * Math.sin((2 * Math.PI * 1000 * index) / 16_000),
    );

  test('does not depend on how the samples were cut', () => {
    const [whole, cut] = [createSignalTrace(16_000), createSignalTrace(16_000)];
    const samples = tone(1);
    whole.push(samples);
    for (let at = 0; at < samples.length; at += 333) cut.push(samples.slice(at, at + 333));
    expect(cut.count()).toBe(whole.count());
    for (const column of [0, 7, whole.count() - 1]) {
      expect(cut.extremes(column)).toEqual(whole.extremes(column));
      expect(cut.energy(column, 20)).toBe(whole.energy(column, 20));
    }
  });

  test('has fifty columns a second, and a tone in the band where it belongs', () => {
    const trace = createSignalTrace(16_000);
    trace.push(tone(2));
    expect(trace.columnSeconds).toBe(0.02);
    expect(trace.count()).toBe(99); // the last one is not complete
    expect(trace.extremes(10)[1]).toBeCloseTo(0.5, 3);
    const energies = Array.from({ length: 48 }, (_, band) => trace.energy(50, band));
    const loudest = energies.indexOf(Math.max(...energies));
    expect([15, 16, 17, 18]).toContain(loudest);
  });

  test('keeps ten minutes', () => {
    const trace = createSignalTrace(4_000);
    for (let minute = 0; minute < 11; minute++) trace.push(new Float32Array(60 * 4_000));
    expect(trace.count() - trace.first()).toBe(30_000);
  });
});
