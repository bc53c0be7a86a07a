import { expect, test } from 'vitest';

import type { Executor } from '../../src/cell/executor.ts';
import { createOnnxExecutor } from '../../src/cell/onnx-executor.ts';
import { withSpare } from '../../src/cell/spare-executor.ts';
import { PROBE_GRAPH } from '../../src/backend/devices.ts';
import { HearkenError } from '../../src/errors.ts';

const X = { x: { shape: [1, 2], data: Float32Array.of(1, 1) } };

/** `y = x [[1, 2], [3, 4]]` on the processor. */
function working(): Promise<Executor> {
  return createOnnxExecutor(new Map([['probe', Buffer.from(PROBE_GRAPH, 'base64')]]));
}

/** The same, but every run fails with `code`. */
async function failing(code: 'executor/run' | 'executor/device'): Promise<Executor> {
  const executor = await working();
  const run = (): Promise<never> => Promise.reject(new HearkenError(code, 'Device is lost'));
  return { ...executor, name: 'failing', run };
}

test.each(['executor/run', 'executor/device'] as const)(
  'calls of a device that fails (%s) are answered by the spare',
  async (code) => {
    await using executor = withSpare(await failing(code), await working());
    expect(executor.name).toBe('failing');
    const answers = await Promise.all([executor.run('probe', X), executor.run('probe', X)]);
    expect(answers.map(({ y }) => y?.data)).toEqual([Float32Array.of(4, 6), Float32Array.of(4, 6)]);
    expect(executor.name).toBe('onnx-cpu');
  },
);

test('inputs that are wrong are refused, and the device goes on', async () => {
  const primary = { ...(await working()), name: 'primary' };
  await using executor = withSpare(primary, await working());
  await expect(executor.run('probe', {})).rejects.toMatchObject({ code: 'executor/input' });
  await expect(executor.run('listen', X)).rejects.toMatchObject({ code: 'executor/unknown-cell' });
  expect(executor.name).toBe('primary');
});

test('a call that fails everywhere is not the fault of the device', async () => {
  await using executor = withSpare(await failing('executor/run'), {
    ...(await failing('executor/run')),
    name: 'spare',
  });
  await expect(executor.run('probe', X)).rejects.toMatchObject({ code: 'executor/run' });
  expect(executor.name).toBe('failing');
});

test('both are closed together', async () => {
  const [primary, spare] = [await working(), await working()];
  await withSpare(primary, spare)[Symbol.asyncDispose]();
  for (const each of [primary, spare]) {
    await expect(each.run('probe', X)).rejects.toMatchObject({ code: 'executor/closed' });
  }
});
