import fc from 'fast-check';
import { expect, test } from 'vitest';

import { HearkenError } from '../../src/errors.ts';
import type { HostArrays } from '../../src/tensor/host-array.ts';
import { decodeSafetensors, encodeSafetensors } from '../../src/tensor/safetensors.ts';

const TENSORS: HostArrays = {
  'encoder.kernel': { shape: [2, 3], data: new Float32Array([1, -2, 3.5, Number.NaN, Infinity, -0]) },
  counts: { shape: [2], data: new Int32Array([-1, 2 ** 31 - 1]) },
  scalar: { shape: [], data: new Float32Array([7]) },
  nothing: { shape: [0, 4], data: new Float32Array(0) },
};

const tensor = { dtype: 'F32', shape: [2], data_offsets: [0, 8] };

function withHeader(header: unknown, dataBytes: number): Uint8Array {
  const json = new TextEncoder().encode(typeof header === 'string' ? header : JSON.stringify(header));
  const bytes = new Uint8Array(8 + json.length + dataBytes);
  new DataView(bytes.buffer).setBigUint64(0, BigInt(json.length), true);
  bytes.set(json, 8);
  return bytes;
}

function refusal(bytes: Uint8Array): HearkenError {
  try {
    decodeSafetensors(bytes);
  } catch (error) {
    if (error instanceof HearkenError) return error;
    throw error;
  }
  throw new Error('Expected a refusal');
}

test('tensors and metadata survive a round trip', () => {
  const bytes = encodeSafetensors(TENSORS, { format: 'test', note: 'ünïcode' });
  expect(decodeSafetensors(bytes)).toEqual({ tensors: TENSORS, metadata: { format: 'test', note: 'ünïcode' } });
});

test('half precision, where it is asked for, stores those tensors whose every number it holds', () => {
  const tensors: HostArrays = {
    exact: { shape: [3], data: new Float32Array([0.5, -0, 1 / 1024]) },
    finer: { shape: [2], data: new Float32Array([0.5, 0.1]) },
    counts: { shape: [1], data: new Int32Array([3]) },
  };
  const bytes = encodeSafetensors(tensors, {}, { halves: true });
  expect(decodeSafetensors(bytes).tensors).toEqual(tensors);
  expect(
    Buffer.from(bytes)
      .toString('latin1')
      .match(/"dtype":"\w+"/g),
  ).toEqual(['"dtype":"I32"', '"dtype":"F16"', '"dtype":"F32"']);
  expect(bytes.length).toBe(encodeSafetensors(tensors).length - 6);
});

test('equal content gives equal bytes, whatever the order it was named in', () => {
  const reversed = Object.fromEntries(Object.entries(TENSORS).toReversed());
  expect(encodeSafetensors(reversed)).toEqual(encodeSafetensors(TENSORS));
});

test('decoded tensors do not share memory with the bytes, also of a Buffer within a pool', () => {
  const bytes = encodeSafetensors(TENSORS);
  const pooled = Buffer.concat([Buffer.from([1, 2, 3]), bytes]).subarray(3);
  const { tensors } = decodeSafetensors(pooled);
  pooled.fill(0xff);
  expect(tensors).toEqual(TENSORS);
  expect(tensors['scalar']?.data.buffer.byteLength).toBe(4);
});

test('a view into a longer array is stored alone', () => {
  const long = new Float32Array([9, 1, 2, 9]);
  const { tensors } = decodeSafetensors(encodeSafetensors({ x: { shape: [2], data: long.subarray(1, 3) } }));
  expect(tensors['x']?.data).toEqual(new Float32Array([1, 2]));
});

test('names that mean something to objects are names like others', () => {
  const tensors = Object.fromEntries([['__proto__', { shape: [1], data: new Float32Array([5]) }]]);
  expect(Object.entries(decodeSafetensors(encodeSafetensors(tensors)).tensors)).toEqual(Object.entries(tensors));
});

test('a file cut at any byte is refused', () => {
  const bytes = encodeSafetensors(TENSORS, { format: 'test' });
  for (let length = 0; length < bytes.length; length++) {
    expect(refusal(bytes.subarray(0, length)).code).toMatch(/^safetensors\//);
  }
});

test('a cut file is told of by what is missing: the length, the header, or the tensor that it cuts', () => {
  const bytes = withHeader({ x: tensor }, 8);
  const header = bytes.length - 16;
  expect(refusal(bytes.subarray(0, 7)).message).toBe('Expected at least 8 bytes, got 7');
  expect(refusal(bytes.subarray(0, 8)).message).toBe(`Expected a header of ${header} bytes within 0`);
  expect(refusal(bytes.subarray(0, -9)).message).toBe(`Expected a header of ${header} bytes within ${header - 1}`);
  expect(refusal(bytes.subarray(0, -8)).message).toMatch(/`x` to end within the 0 bytes of data, got 8/);
});

test('a header is at most 100 MB long, and is not read where it is longer', () => {
  const bytes = new Uint8Array(100_000_100); // nothing that could be read
  new DataView(bytes.buffer).setBigUint64(0, 100_000_000n, true);
  expect(refusal(bytes).code).toBe('safetensors/header');
  new DataView(bytes.buffer).setBigUint64(0, 100_000_001n, true);
  expect(refusal(bytes).message).toBe('Expected a header of 100000001 bytes within 100000000');
});

test('a header is text in UTF-8, and why it is not stands in the cause', () => {
  const bytes = withHeader({ x: tensor }, 8);
  bytes[bytes.indexOf('x'.charCodeAt(0))] = 0xff;
  expect(refusal(bytes)).toMatchObject({ code: 'safetensors/header', cause: expect.any(TypeError) });
});

test('a file begins with its header, padded with spaces to a multiple of eight bytes; metadata stand there if there are any', () => {
  const bytes = encodeSafetensors({ x: { shape: [1], data: new Float32Array([1]) } });
  const length = Number(new DataView(bytes.buffer).getBigUint64(0, true));
  expect(length % 8).toBe(0);
  expect(bytes.length).toBe(8 + length + 4);
  const json = '{"x":{"dtype":"F32","shape":[1],"data_offsets":[0,4]}}';
  expect(new TextDecoder().decode(bytes.subarray(8, 8 + length))).toBe(json.padEnd(length));
  expect(length - json.length).toBeLessThan(8);
  expect(new TextDecoder().decode(encodeSafetensors({}, { a: 'b' })).slice(8)).toMatch(
    /^\{"__metadata__":\{"a":"b"\}\} *$/,
  );
});

test('bytes past the last tensor are refused', () => {
  const bytes = encodeSafetensors(TENSORS);
  expect(refusal(Buffer.concat([bytes, Buffer.from([0])])).code).toBe('safetensors/header');
});

const BAD_HEADERS: [string, unknown, number, string, RegExp][] = [
  ['not JSON', '{', 0, 'safetensors/header', /JSON/],
  ['a list', [], 0, 'safetensors/header', /object/],
  ['metadata that is not strings', { __metadata__: { a: 1 } }, 0, 'safetensors/header', /__metadata__/],
  ['a tensor that is not described', { x: 3 }, 0, 'safetensors/tensor', /`x`/],
  ['an unknown dtype', { x: { ...tensor, dtype: 'BF16' } }, 8, 'safetensors/tensor', /`x` of dtype.*BF16/],
  ['a negative size', { x: { ...tensor, shape: [-2] } }, 8, 'safetensors/tensor', /`x`.*shape/],
  ['a fractional size', { x: { ...tensor, shape: [0.5, 4] } }, 8, 'safetensors/tensor', /`x`.*shape/],
  ['no shape', { x: { ...tensor, shape: 2 } }, 8, 'safetensors/tensor', /`x`.*shape.*got 2/],
  ['no offsets', { x: { ...tensor, data_offsets: null } }, 8, 'safetensors/tensor', /`x`.*data_offsets, got null/],
  ['an offset below 0', { x: { ...tensor, data_offsets: [-8, 0] } }, 8, 'safetensors/tensor', /`x`.*two data_offsets/],
  ['one offset', { x: { ...tensor, data_offsets: [8] } }, 8, 'safetensors/tensor', /`x`.*data_offsets/],
  ['three offsets', { x: { ...tensor, data_offsets: [0, 8, 8] } }, 8, 'safetensors/tensor', /`x`.*data_offsets/],
  ['offsets in reverse', { x: { ...tensor, data_offsets: [8, 0] } }, 8, 'safetensors/tensor', /`x`.*8 bytes/],
  ['offsets that do not fit the shape', { x: { ...tensor, shape: [3] } }, 8, 'safetensors/tensor', /`x`.*12 bytes/],
  ['an end past the data', { x: tensor }, 4, 'safetensors/tensor', /`x`.*within the 4 bytes/],
  ['a hole', { x: tensor, y: { ...tensor, data_offsets: [12, 20] } }, 20, 'safetensors/tensor', /`y`.*byte 8/],
  ['an overlap', { x: tensor, y: { ...tensor, data_offsets: [4, 12] } }, 12, 'safetensors/tensor', /`y`.*byte 8/],
  ['an absurd shape', { x: { ...tensor, shape: [2 ** 52, 2 ** 52] } }, 8, 'safetensors/tensor', /`x`/],
];

test.each(BAD_HEADERS)('%s is refused by name', (_, header, dataBytes, code, message) => {
  const error = refusal(withHeader(header, dataBytes));
  expect(error.code).toBe(code);
  expect(error.message).toMatch(message);
});

test('a header length beyond the file is refused before it is believed', () => {
  const bytes = new Uint8Array(16).fill(0xff);
  expect(refusal(bytes)).toMatchObject({ code: 'safetensors/truncated' });
});

test('a tensor whose data do not fit its shape is refused when written', () => {
  const wrong = { x: { shape: [3], data: new Float32Array(2) } };
  expect(() => encodeSafetensors(wrong)).toThrow(/`x`.*3 elements.*got 2/);
});

test('damaged bytes give tensors or a typed error, nothing else', () => {
  const bytes = encodeSafetensors(TENSORS, { format: 'test' });
  const damage = fc.array(fc.tuple(fc.nat(bytes.length - 1), fc.nat(255)), { minLength: 1, maxLength: 8 });
  fc.assert(
    fc.property(damage, (changes) => {
      const copy = Uint8Array.from(bytes);
      for (const [index, value] of changes) copy[index] = value;
      try {
        decodeSafetensors(copy);
      } catch (error) {
        // oxlint-disable-next-line vitest/no-conditional-expect -- most damage throws, some leaves a valid file
        expect(error).toBeInstanceOf(HearkenError);
      }
    }),
    { numRuns: 5000 },
  );
});

test('any tensors survive a round trip', () => {
  const array = fc.array(fc.nat(4), { maxLength: 3 }).chain((shape) => {
    const length = shape.reduce((size, axis) => size * axis, 1);
    const data = fc.array(fc.float(), { minLength: length, maxLength: length });
    return data.map((numbers) => ({ shape, data: Float32Array.from(numbers) }));
  });
  fc.assert(
    fc.property(
      fc.dictionary(
        fc.string().filter((name) => name !== '__metadata__'),
        array,
      ),
      (tensors) => {
        expect(Object.entries(decodeSafetensors(encodeSafetensors(tensors)).tensors).toSorted(byName)).toEqual(
          Object.entries(tensors).toSorted(byName),
        );
      },
    ),
  );
});

function byName([a]: [string, unknown], [b]: [string, unknown]): number {
  return a < b ? -1 : 1;
}
