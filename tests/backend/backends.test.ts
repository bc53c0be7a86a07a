import * as tf from '@tensorflow/tfjs';
import { existsSync } from 'node:fs';
import path from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';

import { BACKEND_SOURCES, loadBackend, loadBackendFrom } from '../../src/backend/backends.ts';
import { packageRoot } from '../../src/package-root.ts';

const nativeBuilt = existsSync(path.join(packageRoot(), '.native/node_modules/@tensorflow/tfjs-node/lib/napi-v8'));

describe('loadBackend', () => {
  afterAll(() => tf.setBackend('cpu'));

  test.each(['wasm', 'cpu'] as const)('activates %s and keeps no tensor of its self-test', async (name) => {
    const before = tf.memory().numTensors;
    const loaded = await loadBackend(name);
    expect(loaded).toEqual({ name, source: name, skipped: [] });
    expect(tf.getBackend()).toBe(name);
    expect(tf.memory().numTensors).toBe(before);
  });

  test('without a preference takes the first that works and says why it passed over others', async () => {
    const { source, skipped } = await loadBackend();
    expect(skipped.map(({ name }) => name)).toEqual(BACKEND_SOURCES.slice(0, BACKEND_SOURCES.indexOf(source)));
    for (const { reason } of skipped) expect(reason).not.toBe('');
  });

  test.skipIf(!nativeBuilt)('prefers native TensorFlow where it is built', async () => {
    expect((await loadBackend()).source).toBe('native');
  });

  const webGpuInstalled = existsSync(path.join(packageRoot(), 'node_modules/webgpu'));
  test.skipIf(webGpuInstalled)('a preferred backend that cannot be had is an error with the reason', async () => {
    await expect(loadBackend('webgpu')).rejects.toMatchObject({
      code: 'backend/unavailable',
      message: expect.stringMatching(/^Expected backend `webgpu` to load, got webgpu: .+/),
    });
  });
});

test('tfjs-wasm gathers gradients as plain JavaScript does, repeated and dropped rows included', async () => {
  const run = (): tf.Tensor[] => {
    const rows = tf.tensor2d(
      [
        [2, 0],
        [2, 3],
      ],
      [2, 2],
      'int32',
    );
    const table = tf.reshape(tf.range(0, 24), [4, 2, 3]);
    const gradient = tf.grad((x) => tf.sum(tf.square(tf.gather(x, rows))))(table);
    return [gradient, tf.unsortedSegmentSum(table, tf.tensor1d([1, 1, 0, 4], 'int32'), 5)];
  };
  const results: number[][] = [];
  for (const name of ['cpu', 'wasm'] as const) {
    await loadBackendFrom(name);
    for (const tensor of tf.tidy(run)) {
      results.push([...(await tensor.data())]);
      tensor.dispose();
    }
  }
  expect(results[2]).toEqual(results[0]);
  expect(results[3]).toEqual(results[1]);
});
