import '@tensorflow/tfjs-backend-cpu';
import * as tf from '@tensorflow/tfjs';
import { beforeAll, expect, test } from 'vitest';

import { decodeGreedily, unrollDecoder } from '../../src/decoder/index.ts';
import { decoderExample, KINDS, RECURRENCES } from './example.ts';

beforeAll(() => tf.setBackend('cpu'));

test.each([...KINDS, ...RECURRENCES])(
  'greedy decoding in $order order with $score attention ($cell, from $firstState) takes the likeliest label of each step',
  async (kind) => {
    const { config, weights, entries, bias, final } = decoderExample(kind);
    const decoded = await decodeGreedily(weights, config, { entries, bias, final, limit: 5 });
    for (const [row, { labels, alignment }] of decoded.entries()) {
      expect(alignment).toHaveLength(labels.length);
      // Fed what was decoded, the unrolled decoder's best labels are the same, and the end where there was one.
      const fed = decoded.map((each) => [...each.labels, 0, 0, 0, 0, 0].slice(0, 5));
      const { logits, alignment: unrolled } = unrollDecoder(weights, config, {
        entries,
        bias,
        final,
        targets: tf.tensor2d(fed, [2, 5], 'int32'),
      });
      const best = (tf.argMax(logits, 2).arraySync() as number[][])[row] ?? [];
      const whole = [...labels, 0].slice(0, 5); // with the end, where there was one
      expect(best.slice(0, whole.length)).toEqual(whole);
      const shares = unrolled.arraySync()[row] ?? [];
      for (const [step, own] of alignment.entries()) {
        for (const [entry, share] of own.entries()) expect(share).toBeCloseTo(shares[step]?.[entry] ?? Number.NaN, 5);
      }
    }
  },
);

test('greedy decoding leaks no tensor, and refuses a limit of nothing', async () => {
  const { config, weights, entries, bias } = decoderExample({ order: 'luong', score: 'location' });
  const before = tf.memory().numTensors;
  await decodeGreedily(weights, config, { entries, bias, limit: 4 });
  expect(tf.memory().numTensors).toBe(before);
  await expect(decodeGreedily(weights, config, { entries, bias, limit: 0 })).rejects.toThrow(
    'Expected `limit` to be an integer in 1..65536, got 0',
  );
});
