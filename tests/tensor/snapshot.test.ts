import fc from 'fast-check';
import { expect, test } from 'vitest';

import { HearkenError } from '../../src/errors.ts';
import type { HostArrays } from '../../src/tensor/host-array.ts';
import { encodeSafetensors } from '../../src/tensor/safetensors.ts';
import { decodeSnapshot, encodeSnapshot } from '../../src/tensor/snapshot.ts';

const KIND = { format: 'test-state', version: 3 };
const TENSORS: HostArrays = {
  state: { shape: [2, 2], data: new Float32Array([1, 2, 3, 4]) },
  count: { shape: [1], data: new Int32Array([9]) },
};

function refusal(bytes: Uint8Array, kind = KIND): HearkenError | undefined {
  try {
    decodeSnapshot(kind, bytes);
  } catch (error) {
    if (error instanceof HearkenError) return error;
    throw error;
  }
  return undefined;
}

test('tensors and metadata survive', () => {
  expect(decodeSnapshot(KIND, encodeSnapshot(KIND, TENSORS, { z: '1', a: '2' }))).toEqual({
    tensors: TENSORS,
    metadata: { z: '1', a: '2' },
  });
});

test('another version is refused by its number', () => {
  const error = refusal(encodeSnapshot({ ...KIND, version: 4 }, TENSORS));
  expect(error).toMatchObject({ code: 'snapshot/version', message: 'Expected version 3 of `test-state`, got 4' });
});

test('another format is refused by its name', () => {
  const error = refusal(encodeSnapshot({ ...KIND, format: 'other' }, TENSORS));
  expect(error).toMatchObject({ code: 'snapshot/format', message: expect.stringContaining('other') as string });
});

test('a checkpoint is not a snapshot', () => {
  expect(refusal(encodeSafetensors(TENSORS))?.code).toBe('snapshot/format');
});

test('no cut and no changed byte goes unnoticed', () => {
  const bytes = encodeSnapshot(KIND, TENSORS, { note: 'x' });
  for (let length = 0; length < bytes.length; length++) {
    expect(refusal(bytes.subarray(0, length))?.code).toBe('snapshot/damaged');
  }
  fc.assert(
    fc.property(fc.nat(bytes.length - 1), fc.integer({ min: 1, max: 255 }), (index, change) => {
      const copy = Uint8Array.from(bytes);
      copy[index] = (copy[index] ?? 0) ^ change;
      const error = refusal(copy);
      // White space around the header's JSON may turn into other white space: then the content is what it was.
      // oxlint-disable-next-line vitest/no-conditional-expect -- damage that changes nothing is the rare other case
      if (error === undefined) expect(decodeSnapshot(KIND, copy)).toEqual(decodeSnapshot(KIND, bytes));
      // oxlint-disable-next-line vitest/no-conditional-expect -- as above
      else expect(error.code).toMatch(/^snapshot\//);
    }),
    { numRuns: 3000 },
  );
});
