import { readFileSync } from 'node:fs';

import { expect, test } from 'vitest';

import { ATTENTION_SCORES } from '../../src/attention/scores.ts';
import { Random } from '../../src/tensor/random.ts';
import { sizeOf } from '../../src/tensor/shape.ts';

const guide = readFileSync(new URL('../../docs/guides/attention.md', import.meta.url), 'utf8');

test('the guide names every score with its number of weights', () => {
  const sizes = { queryDepth: 192, memoryDepth: 192, attentionUnits: 96 };
  for (const [name, score] of Object.entries(ATTENTION_SCORES)) {
    const count = Object.values(score.init(sizes, Random.seeded(1))).reduce((sum, { shape }) => sum + sizeOf(shape), 0);
    const row = guide.split('\n').find((line) => line.startsWith(`| \`${name}\` |`));
    expect(row).toContain(`| ${count.toLocaleString('en')} |`);
  }
});
