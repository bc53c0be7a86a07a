import { setTimeout as sleep } from 'node:timers/promises';

import { describe, expect, test } from 'vitest';

import type { Adapter } from '../../src/backend/adapters.ts';
import { createFastestExecutor, type GpuCandidate } from '../../src/backend/fastest-executor.ts';
import type { Executor } from '../../src/cell/executor.ts';
import { createOnnxExecutor } from '../../src/cell/onnx-executor.ts';

const GRAPHS = 'models/recall-tokens/onnx';
const CARD: Adapter = { name: 'a card', kind: 'discrete', toldBy: 'nvidia-smi' };

/** A GPU that this machine does not have: it gives what the processor gave before at once, or after `delayMs`. */
function gpu(adapter: Adapter, delayMs?: number): GpuCandidate & { readonly closed: string[] } {
  const closed: string[] = [];
  return {
    device: 'cuda',
    closed,
    find: async () => ({ adapter }),
    create: async (graphs) => {
      const onProcessor = await createOnnxExecutor(graphs);
      const executor: Executor = {
        ...onProcessor,
        name: 'onnx-cuda',
        run: async () => {
          if (delayMs !== undefined) await sleep(delayMs);
          return {};
        },
        [Symbol.asyncDispose]: async () => {
          closed.push('onnx-cuda');
          await onProcessor[Symbol.asyncDispose]();
        },
      };
      return executor;
    },
  };
}

describe('the device auto', () => {
  test('is a real GPU that computes a batch faster than the processor, and says so', async () => {
    const fast = gpu(CARD);
    await using executor = await createFastestExecutor(GRAPHS, { streams: 64 }, [fast]);
    expect(executor.name).toBe('onnx-cuda');
    expect(executor.reason).toMatch(
      /^a card \(discrete\): a batch of 64 takes [\d.]+ ms, on the processor [\d.e+]+ ms$/,
    );
    expect(fast.closed).toEqual([]);
  });

  test('is the processor where a GPU is slower, whose executor is closed', async () => {
    const slow = gpu(CARD, 50);
    await using executor = await createFastestExecutor(GRAPHS, { cells: ['summarizeLeaf'], streams: 1 }, [slow]);
    expect(executor.name).toBe('onnx-cpu');
    expect(executor.reason).toMatch(/^cuda: a card \(discrete\): a batch of 1 takes/);
    expect(slow.closed).toEqual(['onnx-cuda']);
  });

  test('is never a software GPU, however fast it may be', async () => {
    const software = gpu({ name: 'llvmpipe', kind: 'software', toldBy: 'vulkaninfo' });
    await using executor = await createFastestExecutor(GRAPHS, { streams: 64 }, [software]);
    expect(executor.name).toBe('onnx-cpu');
    expect(executor.reason).toBe('cuda: llvmpipe (software) is no GPU but software');
  });

  test('is the processor where a GPU is named but cannot be used, or none is', async () => {
    const broken: GpuCandidate = {
      device: 'webgpu',
      find: async () => ({ adapter: CARD }),
      create: () => Promise.reject(new Error('no driver')),
    };
    const none: GpuCandidate = { ...broken, find: async () => ({ missing: 'nobody knows' }) };
    await using executor = await createFastestExecutor(GRAPHS, { streams: 1 }, [broken, none]);
    expect(executor.name).toBe('onnx-cpu');
    expect(executor.reason).toBe('webgpu: a card (discrete) fails: no driver; webgpu: nobody knows');
    expect(Object.keys(await executor.inputs('encode'))).toContain('tokens'); // it is open
  });
});
