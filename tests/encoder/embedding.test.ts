import '@tensorflow/tfjs-backend-cpu';
import * as tf from '@tensorflow/tfjs';
import { beforeAll, describe, expect, test } from 'vitest';

import { type BackendSource, loadBackendFrom } from '../../src/backend/backends.ts';
import { embed, initEmbedding, padTokens } from '../../src/encoder/embedding.ts';
import { Random } from '../../src/tensor/random.ts';
import { gradientErrors, mixed, randomTensor } from '../attention/finite-differences.ts';

beforeAll(() => tf.setBackend('cpu'));

describe('an embedding', () => {
  test("gives each token its row of the table, and the row its tokens' gradients", () => {
    const table = randomTensor(1, 4, 3) as tf.Tensor2D;
    const { tokens } = padTokens([[3, 1, 3], [2]]);
    const rows = table.arraySync();
    expect(embed(table, tokens).arraySync()).toEqual([
      [rows[3], rows[1], rows[3]],
      [rows[2], rows[0], rows[0]],
    ]);
    const errors = gradientErrors((at) => mixed(embed(at['table'] as tf.Tensor2D, tokens)), { table });
    expect(errors['table']).toBeLessThan(1e-3);
  });

  test('learns the same in WebAssembly, which has no kernel that sums rows by their token', async () => {
    const gradientOn = async (source: BackendSource): Promise<number[]> => {
      await loadBackendFrom(source);
      const { tokens } = padTokens([[3, 1, 3], [2]]);
      const gradient = tf.grad((table) => mixed(embed(table as tf.Tensor2D, tokens)));
      return [...(await gradient(randomTensor(1, 4, 3)).data())];
    };
    const expected = await gradientOn('cpu');
    const got = await gradientOn('wasm');
    await tf.setBackend('cpu');
    expect(got.map((value) => value.toFixed(5))).toEqual(expected.map((value) => value.toFixed(5)));
  });

  test('begins with numbers of deviation 0.3', () => {
    const { data } = initEmbedding(400, 50, Random.seeded(1));
    const squares = [...data].reduce((sum, value) => sum + value ** 2, 0);
    expect(Math.sqrt(squares / data.length)).toBeCloseTo(0.3, 2);
  });
});

describe('padded tokens', () => {
  test('are as long as the longest sequence, or as told', () => {
    expect(padTokens([[1, 2], [3]]).tokens.arraySync()).toEqual([
      [1, 2],
      [3, 0],
    ]);
    expect(padTokens([[1, 2], [3]], 4).tokens.shape).toEqual([2, 4]);
  });

  test('refuse sequences that do not fit', () => {
    expect(() => padTokens([[1, 2, 3]], 2)).toThrow('Expected `sequences` of 1..2 tokens, got one of 3');
    expect(() => padTokens([[1], []])).toThrow('got one of 0');
    expect(() => padTokens([])).toThrow('got none');
  });
});
