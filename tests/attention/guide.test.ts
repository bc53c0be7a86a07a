import { readFileSync } from 'node:fs';
import { readdir } from 'node:fs/promises';

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

/** Files whose mechanisms have their equations in other files. */
const OF_OTHERS = new Set(['attention-named.ts', 'mechanism.ts', 'chunkwise.ts']);

test('each file of a mechanism states its equation, its reference, where it departs, and its shapes', async () => {
  const folder = new URL('../../src/attention/', import.meta.url);
  const silent: string[] = [];
  let count = 0;
  for (const file of await readdir(folder)) {
    const text = readFileSync(new URL(file, folder), 'utf8');
    if (!/^export (const|function) .*(ScoredAttention|AttentionMechanism|SelfAttention) [={]/m.test(text)) continue;
    const [header = ''] = text.split('*/');
    if (OF_OTHERS.has(file)) continue;
    count++;
    const isWhole =
      /=|~/.test(header) && /References?: /.test(header) && /Departures: /.test(header) && /Shapes: /.test(header);
    if (!isWhole) silent.push(file);
  }
  expect(silent).toEqual([]);
  expect(count).toBeGreaterThan(12);
});
