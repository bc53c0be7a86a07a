import fc from 'fast-check';
import { describe, expect, test } from 'vitest';

import { createUnackedAudio } from '../../client/unacked-audio.ts';

const BYTES = 2;
/** Samples that count up, so that a byte tells where it belongs. */
const samplesFrom = (start: number, count: number): Uint8Array =>
  Uint8Array.from({ length: count * BYTES }, (_, index) => (start * BYTES + index) % 251);

describe('audio that is not acknowledged', () => {
  test('can be sent again from any sample that was not acknowledged, byte for byte', () => {
    const sizes = fc.array(fc.integer({ min: 1, max: 9 }), { maxLength: 12 });
    fc.assert(
      fc.property(sizes, fc.nat(60), fc.nat(60), (counts, acked, from) => {
        const audio = createUnackedAudio(BYTES);
        for (const count of counts) audio.push(samplesFrom(audio.nextSample(), count));
        const total = audio.nextSample();
        audio.ack(Math.min(acked, total));
        const start = Math.max(Math.min(acked, total), Math.min(from, total));
        const sent = audio.from(start);
        const bytes = sent.flatMap((item) => [...(item.bytes ?? [])]);
        expect(bytes).toEqual([...samplesFrom(start, total - start)]);
        expect(sent.map(({ at }) => at)).toEqual(sent.map(({ at }) => at).toSorted((a, b) => a - b));
        expect(audio.firstSample()).toBe(Math.min(acked, total));
      }),
    );
  });

  test('keeps the places where utterances were ended, also one at the very sample that was acknowledged', () => {
    const audio = createUnackedAudio(BYTES);
    audio.push(samplesFrom(0, 3));
    audio.pushFinalize();
    audio.push(samplesFrom(3, 2));
    audio.pushFinalize();
    audio.ack(3);
    expect(audio.from(3).map(({ at, bytes }) => [at, bytes?.length])).toEqual([
      [3, undefined],
      [3, 4],
      [5, undefined],
    ]);
    audio.ack(4);
    expect(audio.from(4).map(({ at, bytes }) => [at, bytes?.length])).toEqual([
      [4, 2],
      [5, undefined],
    ]);
  });
});
