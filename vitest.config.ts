import { availableParallelism } from 'node:os';

import { defineConfig, type ViteUserConfig } from 'vitest/config';

import { SOFTWARE_GPU } from './tests/gpu/software-gpu.ts';
import { LongestFirst } from './tests/longest-first.ts';

const isCi = process.env['CI'] !== undefined;

const config: ViteUserConfig = defineConfig({
  test: {
    // Native addons (onnxruntime, TensorFlow) do not survive being loaded by a second worker thread.
    pool: 'forks',
    // Tests wait for sockets, processes and installations: one file more than there are processors keeps those busy.
    maxWorkers: availableParallelism() + 1,
    sequence: { sequencer: LongestFirst },
    setupFiles: ['tests/nothing-at-import.ts'],
    // `.ci/run` reads its counts from the JSON report.
    reporters: isCi ? ['default', ['json', { outputFile: '.runs/vitest.json' }]] : ['default'],
    projects: [
      {
        extends: true,
        test: {
          name: 'unit',
          include: ['tests/**/*.test.ts'],
          exclude: [
            'tests/golden/**',
            'tests/gpu/**',
            'tests/leaks/**',
            'tests/server/**',
            'tests/browser/**',
            'tests/package/**',
          ],
          // Nothing is expected to be fast: a busy machine must not fail a test, a hang must end.
          testTimeout: 120_000,
          hookTimeout: 120_000,
        },
      },
      {
        extends: true,
        test: {
          // Real sockets, real processes, clients that misbehave.
          name: 'server',
          include: ['tests/server/**/*.test.ts'],
          testTimeout: 120_000,
          hookTimeout: 120_000,
        },
      },
      {
        extends: true,
        test: {
          // The console in a real browser, against a real server.
          name: 'browser',
          include: ['tests/browser/**/*.test.ts'],
          globalSetup: ['tests/browser/build-console.ts'],
          testTimeout: 300_000,
          hookTimeout: 300_000,
        },
      },
      {
        extends: true,
        test: {
          // The tarball that `npm pack` makes, in fresh projects.
          name: 'package',
          include: ['tests/package/**/*.test.ts'],
          globalSetup: ['tests/package/global-setup.ts'],
          testTimeout: 120_000,
          hookTimeout: 120_000,
        },
      },
      {
        extends: true,
        test: {
          // What runs on graphics cards, on a software one.
          name: 'gpu',
          include: ['tests/gpu/**/*.test.ts'],
          // Read by Vulkan when a process first asks for a GPU.
          env: { VK_ICD_FILENAMES: SOFTWARE_GPU },
          testTimeout: 300_000,
          hookTimeout: 300_000,
        },
      },
      {
        extends: true,
        test: {
          name: 'golden',
          include: ['tests/golden/**/*.golden.test.ts'],
          testTimeout: 120_000,
          hookTimeout: 120_000,
        },
      },
      {
        extends: true,
        test: {
          name: 'leaks',
          include: ['tests/leaks/**/*.leaks.test.ts'],
          execArgv: ['--expose-gc'],
          testTimeout: 300_000,
          hookTimeout: 300_000,
        },
      },
    ],
  },
});

export default config;
