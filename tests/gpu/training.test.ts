import * as tf from '@tensorflow/tfjs';
import { afterAll, describe, expect, test } from 'vitest';

import { loadBackendFrom, releaseBackend } from '../../src/backend/backends.ts';
import { TINY_CONFIG } from '../recognizer/tiny-engine.ts';
import { recallLosses } from '../training/recall-losses.ts';
import { recognizerLosses, STEPS } from '../training/recognizer-losses.ts';
import { gpuNote, hasSoftwareGpu } from './software-gpu.ts';

/** Largest difference of a loss between CPU and GPU. */
const TOLERANCE = 1e-3;

describe.skipIf(!hasSoftwareGpu)(`training on a GPU${gpuNote}`, () => {
  afterAll(releaseBackend);

  test.each([
    ['salient recall', () => recallLosses(STEPS)],
    // The memory has nodes: its window is 6 of 10 vectors.
    ['a recogniser, with CTC and attention', () => recognizerLosses({ config: TINY_CONFIG, vectorCount: 10 })],
  ])('has the losses of training on the CPU, over 20 updates from the same seed: %s', async (_, losses) => {
    await loadBackendFrom('cpu');
    const expected = await losses();
    await loadBackendFrom('webgpu');
    const { numTensors } = tf.memory();
    const got = await losses();
    expect(tf.memory()).toMatchObject({ numTensors, numBytesInGPU: 0 });
    expect(got).toHaveLength(STEPS);
    for (const [step, loss] of got.entries())
      expect(Math.abs(loss - expected[step]!), `step ${step}`).toBeLessThan(TOLERANCE);
  });
});
