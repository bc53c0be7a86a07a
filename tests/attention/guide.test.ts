import '@tensorflow/tfjs-backend-cpu';
import { readFileSync } from 'node:fs';

import * as tf from '@tensorflow/tfjs';
import { beforeAll, expect, test } from 'vitest';

import { ATTENTION_SCORES, attend, paddingBias, prepareMemory } from '../../src/attention/attend.ts';
import type { HostArrays } from '../../src/tensor/host-array.ts';
import { Random } from '../../src/tensor/random.ts';
import { sizeOf } from '../../src/tensor/shape.ts';

beforeAll(() => tf.setBackend('cpu'));

function tensorsOf(arrays: HostArrays): Record<string, tf.Tensor> {
  return Object.fromEntries(
    Object.entries(arrays).map(([name, { data, shape }]) => [name, tf.tensor(data, [...shape])]),
  );
}

const guide = readFileSync(new URL('../../docs/guides/attention.md', import.meta.url), 'utf8');

test("the guide's example runs as it stands there", () => {
  // begin of the example
  const score = ATTENTION_SCORES.additive;
  const sizes = { queryDepth: 6, memoryDepth: 4, attentionUnits: 5 };
  const attention = { score, weights: tensorsOf(score.init(sizes, Random.seeded(1))) };

  const values = tf.randomNormal<tf.Rank.R3>([2, 10, 4]); // two utterances of at most ten entries
  const memory = prepareMemory(attention, { values, bias: paddingBias([10, 7], 10) });

  const query = tf.randomNormal<tf.Rank.R2>([2, 6]);
  const { context, alignment } = attend(attention, memory, { query }); // [2, 4] and [2, 10]
  // end of the example
  expect(context.shape).toEqual([2, 4]);
  expect(alignment.shape).toEqual([2, 10]);
  const own = readFileSync(import.meta.filename, 'utf8');
  const lines = own.split('// begin of the example\n')[1]?.split('  // end of the example')[0] ?? '';
  expect(guide).toContain(`\`\`\`ts\n${lines.replaceAll(/^ {2}/gm, '')}\`\`\``);
});

test('the guide names every score with its number of weights', () => {
  const sizes = { queryDepth: 192, memoryDepth: 192, attentionUnits: 96 };
  for (const [name, score] of Object.entries(ATTENTION_SCORES)) {
    const count = Object.values(score.init(sizes, Random.seeded(1))).reduce((sum, { shape }) => sum + sizeOf(shape), 0);
    const row = guide.split('\n').find((line) => line.startsWith(`| \`${name}\` |`));
    expect(row).toContain(`| ${count.toLocaleString('en')} |`);
  }
});
