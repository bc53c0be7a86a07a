import { expect, test } from 'vitest';

import { PROBE_GRAPH } from '../../src/backend/devices.ts';
import { countTransfers } from '../../src/cell/count-transfers.ts';
import type { Executor } from '../../src/cell/executor.ts';
import { createOnnxExecutor } from '../../src/cell/onnx-executor.ts';

const X = { x: { shape: [3, 2], data: Float32Array.of(1, 1, 2, 2, 3, 3) } };

/** `y = x [[1, 2], [3, 4]]` on the processor. */
function probe(): Promise<Executor> {
  return createOnnxExecutor(new Map([['probe', Buffer.from(PROBE_GRAPH, 'base64')]]));
}

test('calls of a device, and the bytes that they carry, are counted until they are taken', async () => {
  const onDevice = { ...(await probe()), name: 'onnx-webgpu' };
  const { executor, take } = countTransfers(onDevice);
  await executor.run('probe', X);
  const { y } = await executor.run('probe', X);
  expect(y?.data).toEqual(Float32Array.of(4, 6, 8, 12, 12, 18));
  expect(take()).toEqual({ calls: 2, bytesToDevice: 48, bytesFromDevice: 48 });
  expect(take()).toEqual({ calls: 0, bytesToDevice: 0, bytesFromDevice: 0 });
  await executor[Symbol.asyncDispose]();
  await expect(executor.run('probe', X)).rejects.toMatchObject({ code: 'executor/closed' });
});

test('the processor copies nothing', async () => {
  const { executor, take } = countTransfers(await probe());
  await using closed = executor;
  await closed.run('probe', X);
  expect(take()).toEqual({ calls: 1, bytesToDevice: 0, bytesFromDevice: 0 });
});

test('a call that fails is not counted', async () => {
  const { executor, take } = countTransfers(await probe());
  await using closed = executor;
  await expect(closed.run('probe', {})).rejects.toMatchObject({ code: 'executor/input' });
  expect(take().calls).toBe(0);
});
