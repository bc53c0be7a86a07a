/**
 * The safetensors file layout: 8 bytes of header length (little-endian), a JSON header, then the tensors' bytes.
 *
 * Reading trusts nothing: sizes are checked against the bytes that are there before anything is allocated, and every
 * byte must belong to exactly one tensor. Specification: https://github.com/huggingface/safetensors#format
 */
import { HearkenError } from '../errors.ts';
import { fromHalves, toHalves } from './half.ts';
import type { HostArray, HostArrays } from './host-array.ts';
import { sizeOf } from './shape.ts';

export type SafetensorsFile = {
  readonly tensors: HostArrays;
  /** The header's `__metadata__`. */
  readonly metadata: Readonly<Record<string, string>>;
};

type Dtype = 'F32' | 'F16' | 'I32';

type Placed = {
  readonly name: string;
  readonly dtype: Dtype;
  readonly shape: readonly number[];
  /** Offset of the first byte from the end of the header. */ readonly begin: number;
  readonly end: number;
};

const PREFIX_BYTES = 8;
/** The longest header, as in the reference implementation, so that a false length is caught before it is believed. */
const MAXIMUM_HEADER_BYTES = 100_000_000;
const ELEMENT_BYTES: Readonly<Record<Dtype, number>> = { F32: 4, F16: 2, I32: 4 };

/**
 * The bytes of a file with `tensors` in the order of their names. Equal content gives equal bytes. With `halves`, tensors that half
 * precision holds exactly are written so; what is read back is the same.
 */
export function encodeSafetensors(
  tensors: HostArrays,
  metadata: Readonly<Record<string, string>> = {},
  { halves = false }: { readonly halves?: boolean } = {},
): Uint8Array<ArrayBuffer> {
  const named = Object.entries(tensors)
    .toSorted(([a], [b]) => (a < b ? -1 : 1))
    .map(([name, { shape, data }]) => [name, { shape, data, stored: storedAs(data, halves) }] as const);
  const header: [string, unknown][] = [];
  if (Object.keys(metadata).length > 0) header.push(['__metadata__', metadata]);
  let offset = 0;
  for (const [name, { shape, data, stored }] of named) {
    if (sizeOf(shape) !== data.length) refuse(name, `to have ${sizeOf(shape)} elements as its shape says`, data.length);
    header.push([name, { dtype: dtypeOf(stored), shape, data_offsets: [offset, offset + stored.byteLength] }]);
    offset += stored.byteLength;
  }
  const json = new TextEncoder().encode(JSON.stringify(Object.fromEntries(header)));
  const headerBytes = Math.ceil(json.length / PREFIX_BYTES) * PREFIX_BYTES; // keeps the data aligned
  const bytes = new Uint8Array(PREFIX_BYTES + headerBytes + offset);
  bytes.fill(0x20, PREFIX_BYTES, PREFIX_BYTES + headerBytes); // the format pads with spaces
  new DataView(bytes.buffer).setBigUint64(0, BigInt(headerBytes), true);
  bytes.set(json, PREFIX_BYTES);
  let position = PREFIX_BYTES + headerBytes;
  for (const [, { stored }] of named) {
    bytes.set(new Uint8Array(stored.buffer, stored.byteOffset, stored.byteLength), position);
    position += stored.byteLength;
  }
  return bytes;
}

type Stored = HostArray['data'] | Uint16Array;

function storedAs(data: HostArray['data'], halves: boolean): Stored {
  return halves && data instanceof Float32Array ? (toHalves(data) ?? data) : data;
}

function dtypeOf(stored: Stored): Dtype {
  if (stored instanceof Uint16Array) return 'F16';
  return stored instanceof Float32Array ? 'F32' : 'I32';
}

/**
 * The tensors and metadata in `bytes`, copied out of them. Throws `safetensors/truncated`, `safetensors/header` or
 * `safetensors/tensor`; the last one names the tensor.
 */
export function decodeSafetensors(bytes: Uint8Array): SafetensorsFile {
  const { header, data } = splitHeader(bytes);
  const { __metadata__: metadata = {}, ...rest } = header;
  if (!isRecord(metadata) || !Object.values(metadata).every((value) => typeof value === 'string')) {
    throw new HearkenError('safetensors/header', 'Expected `__metadata__` to map names to strings');
  }
  const placed = Object.entries(rest).map(([name, value]) => parseTensor(name, value));
  placed.sort((a, b) => a.begin - b.begin || a.end - b.end);
  assertCovering(placed, data.length);
  return {
    tensors: Object.fromEntries(placed.map((tensor) => [tensor.name, copyOut(tensor, data)])),
    metadata: metadata as Record<string, string>, // every value was seen to be a string
  };
}

function splitHeader(bytes: Uint8Array): { header: Record<string, unknown>; data: Uint8Array } {
  if (bytes.length < PREFIX_BYTES) {
    throw new HearkenError('safetensors/truncated', `Expected at least ${PREFIX_BYTES} bytes, got ${bytes.length}`);
  }
  const length = new DataView(bytes.buffer, bytes.byteOffset, PREFIX_BYTES).getBigUint64(0, true);
  if (length > MAXIMUM_HEADER_BYTES || length > bytes.length - PREFIX_BYTES) {
    throw new HearkenError(
      'safetensors/truncated',
      `Expected a header of ${length} bytes within ${Math.min(MAXIMUM_HEADER_BYTES, bytes.length - PREFIX_BYTES)}`,
    );
  }
  const end = PREFIX_BYTES + Number(length);
  return { header: parseHeader(bytes.subarray(PREFIX_BYTES, end)), data: bytes.subarray(end) };
}

function parseHeader(json: Uint8Array): Record<string, unknown> {
  let header: unknown;
  try {
    header = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(json));
  } catch (cause) {
    throw new HearkenError('safetensors/header', 'Expected the header to be JSON in UTF-8', { cause });
  }
  if (!isRecord(header)) throw new HearkenError('safetensors/header', 'Expected the header to be a JSON object');
  return header;
}

function parseTensor(name: string, value: unknown): Placed {
  if (!isRecord(value)) refuse(name, 'to be described by an object', value);
  const { dtype, shape, data_offsets: offsets } = value;
  if (dtype !== 'F32' && dtype !== 'F16' && dtype !== 'I32') refuse(name, 'of dtype F32, F16 or I32', dtype);
  if (!isSizes(shape)) refuse(name, 'to have a shape of integers >= 0', shape);
  if (!isSizes(offsets)) refuse(name, 'to have two data_offsets', offsets);
  const [begin, end, ...more] = offsets;
  if (begin === undefined || end === undefined || more.length > 0) refuse(name, 'to have two data_offsets', offsets);
  const size = sizeOf(shape) * ELEMENT_BYTES[dtype];
  if (end - begin !== size) refuse(name, `of shape [${shape.join(', ')}] to take ${size} bytes`, `${begin}..${end}`);
  return { name, dtype, shape, begin, end };
}

/** Every byte in one tensor: overlap, holes, and bytes past the end are refused by the same comparison. */
function assertCovering(placed: readonly Placed[], length: number): void {
  let covered = 0;
  for (const { name, begin, end } of placed) {
    if (begin !== covered) refuse(name, `to begin at byte ${covered} of the data`, begin);
    if (end > length) refuse(name, `to end within the ${length} bytes of data`, end);
    covered = end;
  }
  if (covered !== length) {
    throw new HearkenError('safetensors/header', `Expected ${covered} bytes of data, got ${length}`);
  }
}

function copyOut({ dtype, shape, begin, end }: Placed, data: Uint8Array): HostArray {
  const { buffer } = Uint8Array.from(data.subarray(begin, end)); // not `slice`, which on a Node `Buffer` is a view
  if (dtype === 'F16') return { shape, data: fromHalves(new Uint16Array(buffer)) };
  return { shape, data: dtype === 'F32' ? new Float32Array(buffer) : new Int32Array(buffer) };
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function isSizes(value: unknown): value is number[] {
  return Array.isArray(value) && value.every((size) => Number.isSafeInteger(size) && size >= 0);
}

function refuse(name: string, expected: string, got: unknown): never {
  throw new HearkenError('safetensors/tensor', `Expected tensor \`${name}\` ${expected}, got ${JSON.stringify(got)}`);
}
