import { expect, test } from 'vitest';

import type { EncoderConfig } from '../../src/encoder/config.ts';
import type { MemoryKindConfig } from '../../src/memory/kinds.ts';
import { describeParts } from '../../src/model/describe-parts.ts';
import { SEQUENCE_CONFIG } from './sequence-config.ts';

test('each part of a model is told, with what it writes', () => {
  expect(describeParts(SEQUENCE_CONFIG)).toEqual([
    ['source', '4 characters, embedded in 6'],
    ['encoder', 'lstm, 1 layers of 8; sees past and future, cannot stream'],
    ['memory', 'full: all N vectors; N entries, O(N)'],
    ['decoder', 'luong, gru of 8, global attention, general scores, input feeding, begins with zeros, writes 3 words'],
  ]);
});

test.each<[EncoderConfig, string]>([
  [{ kind: 'pair', units: 8 }, 'sees 2 inputs'],
  [{ kind: 'convolution', units: 8, layers: 3, kernel: 5 }, 'sees 13 inputs'],
  [{ kind: 'dilated', units: 8, kernel: 2, dilations: [1, 2, 4, 8] }, 'sees 16 inputs'],
  [{ kind: 'self-attention', units: 8, layers: 2, heads: 2, window: 10 }, 'sees 19 inputs, 10 a layer'],
])('an encoder tells how far it sees: %j', (encoder, reach) => {
  expect(Object.fromEntries(describeParts({ ...SEQUENCE_CONFIG, encoder }))['encoder']).toContain(reach);
});

test.each<[MemoryKindConfig, string]>([
  [{ kind: 'last' }, '1 entry, O(1)'],
  [{ kind: 'window', window: 12 }, '12 entries at the most, O(1)'],
  [
    {
      kind: 'hierarchical',
      depth: 8,
      heads: 2,
      window: 32,
      leafFanIn: 8,
      fanIn: 8,
      slots: 4,
      tokenCountBias: true,
      summary: 'mean',
    },
    '4 slots by mean, 2 heads; 124 entries after 1,000 vectors, 300 after 1,000,000, O(log N)',
  ],
])('a memory tells what it costs: %j', (memory, cost) => {
  expect(Object.fromEntries(describeParts({ ...SEQUENCE_CONFIG, memory }))['memory']).toContain(cost);
});
