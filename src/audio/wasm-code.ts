/**
 * WebAssembly as text: what small numeric kernels need of it, one function an instruction. Each takes the code of its
 * operands and gives code, so that a kernel reads as its formula.
 *
 * Reference: WebAssembly core specification 2.0, chapter 5, https://webassembly.github.io/spec/core/binary/
 */

/** Instructions as bytes. */
export type Code = readonly number[];

const I32 = 0x7f;
const V128 = 0x7b;
const NO_RESULT = 0x40;
const END = 0x0b;

/** LEB128, as the format writes whole numbers. */
function unsigned(value: number): number[] {
  const low = value & 0x7f;
  return value < 0x80 ? [low] : [low | 0x80, ...unsigned(value >>> 7)];
}

function signed(value: number): number[] {
  const low = value & 0x7f;
  const rest = value >> 7;
  const isLast = (rest === 0 && (low & 0x40) === 0) || (rest === -1 && (low & 0x40) !== 0);
  return isLast ? [low] : [low | 0x80, ...signed(rest)];
}

function vector(items: readonly Code[]): number[] {
  return [...unsigned(items.length), ...items.flat()];
}

function section(id: number, content: Code): number[] {
  return [id, ...unsigned(content.length), ...content];
}

function named(name: string): number[] {
  return vector(Array.from(name, (character) => [character.charCodeAt(0)]));
}

export const get = (local: number): Code => [0x20, ...unsigned(local)];
export const set = (local: number, value: Code): Code => [...value, 0x21, ...unsigned(local)];
export const int = (value: number): Code => [0x41, ...signed(value)];
export const plus = (a: Code, b: Code): Code => [...a, ...b, 0x6a];
/** The i32 at an address plus `offset`. */
export const loadInt = (address: Code, offset: number): Code => [...address, 0x28, 2, ...unsigned(offset)];

/** Runs `body` with `local` at `from`, `from + step`, ... below `end`; at least once. */
export function loop(local: number, from: number, end: number, step: number, body: Code): Code {
  const next = set(local, plus(get(local), int(step)));
  return [...set(local, int(from)), 0x03, NO_RESULT, ...body, ...next, ...get(local), ...int(end), 0x49, 0x0d, 0, END];
}

/** Pairs of doubles. */
export const pair = {
  load: (address: Code, offset: number): Code => [...address, 0xfd, 0x00, 3, ...unsigned(offset)],
  /** The double at an address plus `offset`, twice. */
  loadBoth: (address: Code, offset: number): Code => [...address, 0xfd, 0x0a, 3, ...unsigned(offset)],
  /** The floats at an address plus each of two offsets. */
  loadFloats: (address: Code, first: number, second: number): Code => {
    const lower = [...address, 0xfd, 0x5c, 2, ...unsigned(first)];
    return [...address, ...lower, 0xfd, 0x56, 2, ...unsigned(second), 1, 0xfd, 0x5f];
  },
  store: (address: Code, offset: number, value: Code): Code => [
    ...address,
    ...value,
    0xfd,
    0x0b,
    3,
    ...unsigned(offset),
  ],
  /** `value`, twice. */
  constant: (value: number): Code => {
    const bytes = new Uint8Array(Float64Array.of(value).buffer);
    return [0x44, ...bytes, 0xfd, 0x14];
  },
  add: (a: Code, b: Code): Code => [...a, ...b, 0xfd, 0xf0, 0x01],
  subtract: (a: Code, b: Code): Code => [...a, ...b, 0xfd, 0xf1, 0x01],
  multiply: (a: Code, b: Code): Code => [...a, ...b, 0xfd, 0xf2, 0x01],
  divide: (a: Code, b: Code): Code => [...a, ...b, 0xfd, 0xf3, 0x01],
};

/** What we use of it: TypeScript declares it for browsers only. */
type WebAssemblyHost = {
  readonly validate: (bytes: Uint8Array) => boolean;
  readonly Module: new (bytes: Uint8Array) => object;
  readonly CompileError: new (message?: string) => Error;
  readonly Instance: new (
    module: object,
  ) => {
    readonly exports: { readonly memory: { readonly buffer: ArrayBuffer }; readonly run: () => void };
  };
};

const host = (globalThis as unknown as { readonly WebAssembly: WebAssemblyHost }).WebAssembly; // every Node has it

export type Kernel = {
  /** Locals that are whole numbers come first, then `pairs`. */ readonly integers: number;
  readonly pairs: number;
  readonly body: Code;
  readonly memoryBytes: number;
};

/**
 * The kernel ready to run over its memory, which is zeros; none where the processor has no such instructions, where
 * there is no room for the memory, or where a page's content security policy forbids compiling.
 */
export function instantiate(kernel: Kernel): { readonly memory: ArrayBuffer; readonly run: () => void } | undefined {
  const bytes = moduleOf(kernel);
  if (!host.validate(bytes)) return undefined;
  try {
    const { memory, run } = new host.Instance(new host.Module(bytes)).exports;
    return { memory: memory.buffer, run };
  } catch (error) {
    if (error instanceof RangeError || error instanceof host.CompileError) return undefined;
    throw error;
  }
}

/** "\0asm", version 1. */
const MAGIC_AND_VERSION: Code = [0x00, 0x61, 0x73, 0x6d, 1, 0, 0, 0];

/** A module that exports its `memory` and the kernel as `run`, a function without arguments. */
function moduleOf({ integers, pairs, body, memoryBytes }: Kernel): Uint8Array<ArrayBuffer> {
  const locals = vector([
    [...unsigned(integers), I32],
    [...unsigned(pairs), V128],
  ]);
  const code = [...locals, ...body, END];
  return Uint8Array.from([
    ...MAGIC_AND_VERSION,
    ...section(1, vector([[0x60, 0, 0]])), // types: no arguments, no results
    ...section(3, vector([[0]])), // one function of that type
    ...section(5, vector([[0, ...unsigned(Math.ceil(memoryBytes / 65_536))]])), // memory, in pages
    ...section(
      7,
      vector([
        [...named('memory'), 2, 0],
        [...named('run'), 0, 0],
      ]),
    ), // exports
    ...section(10, vector([[...unsigned(code.length), ...code]])),
  ]);
}
