import { execFile } from 'node:child_process';
import { promisify } from 'node:util';

import { describe, expect, test } from 'vitest';

import { gpuNote, hasSoftwareGpu, SOFTWARE_GPU } from './software-gpu.ts';

type Report = {
  readonly adapter: string | null;
  readonly parity: readonly { readonly cell: string; readonly worst: number }[];
  readonly rows: readonly Record<string, number | string>[];
  readonly training: readonly Record<string, number | string>[];
  readonly notes: readonly string[];
};

/** What `bench gpu` reports where Vulkan finds the driver `driver`. */
async function report(driver: string): Promise<Report> {
  const sizes = ['--streams', '2', '--batches', '2', '--models', 'recall-tokens'];
  const { stdout } = await promisify(execFile)(
    process.execPath,
    ['--import', 'tsx', 'bench/main.ts', 'gpu', '--json', ...sizes],
    { env: { ...process.env, VK_ICD_FILENAMES: driver } },
  );
  return JSON.parse(stdout) as Report; // as it prints
}

describe('the benchmark of GPUs', () => {
  test.skipIf(!hasSoftwareGpu)(`measures one beside the processor${gpuNote}`, async () => {
    const { adapter, parity, rows, training } = await report(SOFTWARE_GPU);
    expect(adapter).not.toBeNull();
    expect(parity.map(({ cell }) => cell)).toEqual([
      'recall-tokens/associate',
      'recall-tokens/encode',
      'recall-tokens/read',
      'recall-tokens/summarizeInner',
      'recall-tokens/summarizeLeaf',
    ]);
    for (const { cell, worst } of parity) expect(worst, cell).toBeLessThan(1e-3);
    expect(rows.map(({ device, streams }) => `${device} ${streams}`)).toEqual(['webgpu 2', 'cpu 2']);
    for (const { audioSecondsPerSecond, copyShare } of rows) {
      expect(audioSecondsPerSecond).toBeGreaterThan(0);
      expect(copyShare).toBeGreaterThanOrEqual(0);
      expect(copyShare).toBeLessThanOrEqual(1);
    }
    const [onGpu, onProcessor] = rows;
    // Half a second of two streams is 2 x 12 vectors, at the least encoded and read: 64 numbers each, of 4 bytes.
    for (const bytes of [onGpu?.['bytesToDevice'], onGpu?.['bytesFromDevice']]) {
      expect(bytes).toBeGreaterThan(2 * 12 * 64 * 4);
    }
    expect(onGpu?.['callsPerAdvance']).toBeGreaterThanOrEqual(2); // encode and read
    expect(onProcessor).toMatchObject({ bytesToDevice: 0, bytesFromDevice: 0 });
    expect(training.at(-1)).toMatchObject({ device: expect.stringContaining('on the processor'), batch: 2 });
  });

  test('says why there is nothing to measure where there is no GPU, and ends', async () => {
    const { adapter, parity, rows, training, notes } = await report('/nonexistent/driver.json');
    expect({ adapter, parity, rows, training }).toEqual({ adapter: null, parity: [], rows: [], training: [] });
    expect(notes).toEqual([expect.stringMatching(/^no GPU by cuda: /), expect.stringMatching(/^no GPU by webgpu: /)]);
  });
});
