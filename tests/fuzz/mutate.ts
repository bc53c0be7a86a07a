/** Inputs near real ones: bytes and numbers changed, parts cut, repeated, moved and mixed, JSON values exchanged. */
import type { Random } from '../../src/tensor/random.ts';

/** Numbers at the edges of what a field can hold. */
const NUMBERS = [
  0, 1, 2, 7, 8, 16, 0x7f, 0x80, 0xff, 0x100, 0x7fff, 0x8000, 0xffff, 0x7fff_ffff, 0x8000_0000, 0xffff_ffff,
];

const VALUES: readonly unknown[] = [
  null,
  true,
  '',
  'x',
  '1',
  '\u0000',
  '\u{1F600}',
  'é'.repeat(100),
  0,
  -1,
  1,
  0.5,
  1e300,
  -1e300,
  2 ** 31,
  2 ** 53,
  4_294_967_296,
  [],
  {},
  [null],
  [[]],
  ['x'],
  { x: null },
  'x'.repeat(5_000),
  Array.from({ length: 300 }, (_, index) => index),
];

/** Pieces of text that parsers stumble over. */
const SNIPPETS = [
  '\uFEFF',
  '\r\n',
  '\n',
  '\0',
  '"',
  "'",
  '\\',
  '\\u',
  '\\ud800',
  '{',
  '}',
  '[',
  ']',
  ':',
  ',',
  '1e999',
  '-0',
  'NaN',
  'null',
  '__proto__',
  'constructor',
  '/',
  '../',
  '%',
  '%00',
  '#',
  '&a',
  '*a',
  '<<:',
  '!!js',
  '- ',
  '  ',
  '\t',
  '=',
  ';',
  '--',
  '\u2028',
  '\u0130',
  '[[[[[[[[',
  '{"a":'.repeat(50),
].map((text) => new TextEncoder().encode(text));

type Change = (bytes: Uint8Array, random: Random, seeds: readonly Uint8Array[]) => Uint8Array;

/** An input made of `seeds`: one of them, changed in one to eight places. JSON stays JSON half of the time: what is none is refused before its fields are looked at. */
export function mutate(seeds: readonly Uint8Array[], random: Random): Uint8Array {
  let bytes = pick(seeds, random);
  const changes = random.integer(2) === 0 && isJson(bytes) ? [changeJson] : CHANGES;
  const count = 1 + random.integer(random.integer(2) === 0 ? 2 : 8);
  for (let index = 0; index < count; index++) bytes = pick(changes, random)(bytes, random, seeds);
  return bytes.subarray(0, MOST_BYTES);
}

/** Whether this is JSON, or its first line is. Other files are known by their first byte, for there are large ones. */
function isJson(bytes: Uint8Array): boolean {
  if (bytes[0] !== 0x7b && bytes[0] !== 0x5b) return false;
  const text = new TextDecoder().decode(bytes);
  return parse(text) !== undefined || parse(text.split('\n', 1)[0] ?? '') !== undefined;
}

/** Inputs do not grow beyond this, so that no case is slow for its length alone. */
const MOST_BYTES = 1 << 17;

function pick<T>(list: readonly T[], random: Random): T {
  return list[random.integer(list.length)] as T; // within the list, which is never empty
}

const flipBit: Change = (bytes, random) => {
  const copy = bytes.slice();
  const at = random.integer(Math.max(1, copy.length));
  copy[at] = (copy[at] ?? 0) ^ (1 << random.integer(8));
  return copy;
};

const setByte: Change = (bytes, random) => {
  const copy = bytes.slice();
  copy[random.integer(Math.max(1, copy.length))] = random.integer(256);
  return copy;
};

/** Headers stand at the start: half of the numbers are put there. */
const setNumber: Change = (bytes, random) => {
  const size = pick([1, 2, 4, 8], random);
  if (bytes.length < size) return bytes;
  const copy = bytes.slice();
  const reach = random.integer(2) === 0 ? copy.length : Math.min(copy.length, 128);
  const at = random.integer(Math.max(1, reach - size + 1));
  const value = random.integer(4) === 0 ? random.bits() : pick([...NUMBERS, bytes.length, bytes.length - at], random);
  const view = new DataView(copy.buffer, copy.byteOffset, copy.byteLength);
  const isLittle = random.integer(2) === 0;
  if (size === 1) view.setUint8(at, value);
  else if (size === 2) view.setUint16(at, value, isLittle);
  else if (size === 4) view.setUint32(at, value, isLittle);
  else view.setBigUint64(at, random.integer(2) === 0 ? BigInt(value) : BigInt(value) << 32n, isLittle);
  return copy;
};

const cutOut: Change = (bytes, random) => {
  const [start, end] = range(bytes, random);
  return join(bytes.subarray(0, start), bytes.subarray(end));
};

const cutShort: Change = (bytes, random) => bytes.slice(0, random.integer(bytes.length + 1));

const repeat: Change = (bytes, random) => {
  const [start, end] = range(bytes, random);
  const times = random.integer(8) === 0 ? 1 + random.integer(64) : 1;
  const part = bytes.subarray(start, Math.min(end, start + 1024));
  return join(bytes.subarray(0, end), ...Array.from({ length: times }, () => part), bytes.subarray(end));
};

const insertNoise: Change = (bytes, random) => {
  const at = random.integer(bytes.length + 1);
  const noise = Uint8Array.from({ length: 1 + random.integer(16) }, () => random.integer(256));
  return join(bytes.subarray(0, at), noise, bytes.subarray(at));
};

const insertSnippet: Change = (bytes, random) => {
  const at = random.integer(bytes.length + 1);
  const end = random.integer(2) === 0 ? at : Math.min(bytes.length, at + 1 + random.integer(8));
  return join(bytes.subarray(0, at), pick(SNIPPETS, random), bytes.subarray(end));
};

const fill: Change = (bytes, random) => {
  const [start, end] = range(bytes, random);
  return bytes.slice().fill(pick([0, 0xff, 0x80, 0x7f, 0x20], random), start, end);
};

const swap: Change = (bytes, random) => {
  const [start, end] = range(bytes, random);
  const middle = start + random.integer(end - start + 1);
  return join(
    bytes.subarray(0, start),
    bytes.subarray(middle, end),
    bytes.subarray(start, middle),
    bytes.subarray(end),
  );
};

const splice: Change = (bytes, random, seeds) => {
  const other = pick(seeds, random);
  const [start, end] = range(other, random);
  const at = random.integer(bytes.length + 1);
  const rest = random.integer(2) === 0 ? bytes.subarray(at) : bytes.subarray(at + end - start);
  return join(bytes.subarray(0, at), other.subarray(start, end), rest);
};

/** Exchanges, removes, repeats or renames one value of JSON; of several lines, in one of them. */
const changeJson: Change = (bytes, random, seeds) => {
  const lines = new TextDecoder().decode(bytes).split('\n');
  const isWhole = parse(lines.join('\n')) !== undefined;
  const at = isWhole ? 0 : random.integer(lines.length);
  const value = parse(isWhole ? lines.join('\n') : (lines[at] ?? ''));
  if (value === undefined) return flipBit(bytes, random, seeds);
  const changed = JSON.stringify(changeValue(value, random));
  return new TextEncoder().encode(isWhole ? changed : lines.with(at, changed).join('\n'));
};

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function changeValue(value: unknown, random: Random): unknown {
  if (typeof value !== 'object' || value === null || random.integer(6) === 0) return replaced(value, random);
  if (Array.isArray(value)) {
    const list: unknown[] = [...value];
    const at = random.integer(Math.max(1, list.length));
    const how = random.integer(6);
    if (how === 0) return list.toSpliced(at, 1);
    if (how === 1) return list.toSpliced(at, 0, list[at]);
    return list.length === 0 ? [pick(VALUES, random)] : list.with(at, changeValue(list[at], random));
  }
  const entries: [string, unknown][] = Object.entries(value);
  const at = random.integer(Math.max(1, entries.length));
  const [name, old] = entries[at] ?? ['x', null];
  const how = random.integer(8);
  if (how === 0) return Object.fromEntries(entries.toSpliced(at, 1));
  if (how === 1)
    return Object.fromEntries([...entries, [pick(['__proto__', 'x', '', 'type', 'constructor'], random), old]]);
  return Object.fromEntries(entries.toSpliced(at, 1, [name, changeValue(old, random)]));
}

function replaced(value: unknown, random: Random): unknown {
  if (typeof value === 'number' && random.integer(2) === 0) {
    return pick([value + 1, value - 1, -value, value * 2, value / 2, value * 1000, ...NUMBERS], random);
  }
  if (typeof value === 'string' && random.integer(2) === 0) {
    return pick([`${value} `, value.toUpperCase(), value + value, value.slice(1), `${value}\n`, [value]], random);
  }
  return random.integer(4) === 0 ? null : pick(VALUES, random); // `null` is what is forgotten most
}

function range(bytes: Uint8Array, random: Random): [number, number] {
  const start = random.integer(bytes.length + 1);
  const most = random.integer(2) === 0 ? 16 : bytes.length;
  return [start, Math.min(bytes.length, start + random.integer(most + 1))];
}

function join(...parts: readonly Uint8Array[]): Uint8Array {
  const whole = new Uint8Array(parts.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}

const CHANGES: readonly Change[] = [
  flipBit,
  setByte,
  setNumber,
  setNumber,
  setNumber,
  cutOut,
  cutShort,
  repeat,
  insertNoise,
  insertSnippet,
  fill,
  swap,
  splice,
  changeJson,
  changeJson,
  changeJson,
];
