import { existsSync } from 'node:fs';
import { join } from 'node:path';

import { beforeAll, describe, expect, test } from 'vitest';

import { type BackendSource, loadBackendFrom } from '../../src/backend/backends.ts';
import { packageRoot } from '../../src/package-root.ts';
import { EXAMPLE_CONFIG } from '../model/example-config.ts';
import { recognizerLosses, STEPS } from './recognizer-losses.ts';

const isNativeBuilt = existsSync(join(packageRoot(), '.native/node_modules/@tensorflow/tfjs-node/lib/napi-v8'));

async function lossesOn(source: BackendSource): Promise<number[]> {
  await loadBackendFrom(source);
  // Long enough that the memory has nodes: its window is 32.
  return recognizerLosses({ config: EXAMPLE_CONFIG, vectorCount: 48 });
}

describe('training a recogniser with the same seed', () => {
  let expected: number[] = [];
  beforeAll(async () => {
    expected = await lossesOn('cpu');
  }, 120_000);

  const expectSameLosses = async (source: BackendSource): Promise<void> => {
    const losses = await lossesOn(source);
    expect(losses).toHaveLength(STEPS);
    expect(Math.max(...losses.map((loss, step) => Math.abs(loss - (expected[step] ?? Number.NaN))))).toBeLessThan(1e-4);
  };

  test('has the same losses in WebAssembly as in JavaScript over 20 updates', async () => {
    await expectSameLosses('wasm');
  }, 120_000);

  test.skipIf(!isNativeBuilt)(
    'has the same losses in native TensorFlow (`npm run setup:native`)',
    async () => {
      await expectSameLosses('native');
    },
    120_000,
  );
});
