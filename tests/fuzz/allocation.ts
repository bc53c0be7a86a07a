/** Counts what a case allocates in arrays, and stops it where that is beyond its bound, before the memory is taken. */
type ArrayClass = new (...args: unknown[]) => { readonly byteLength: number };

const NAMES = [
  'ArrayBuffer',
  'Uint8Array',
  'Int8Array',
  'Uint16Array',
  'Int16Array',
  'Uint32Array',
  'Int32Array',
  'Float32Array',
  'Float64Array',
] as const;

export type Allocations = {
  /** A case begins. */ readonly begin: (mostBytes: number) => void;
  /** What it allocated, where that was beyond its bound. */ readonly excess: () => number | undefined;
};

/** To be called before what is watched is imported. */
export function watchAllocations(): Allocations {
  let allocated = 0;
  let mostBytes = Number.POSITIVE_INFINITY;
  const count = (bytes: number): void => {
    allocated += bytes;
    if (allocated > mostBytes) throw new RangeError(`Expected at most ${mostBytes} bytes of arrays, got ${allocated}`);
  };
  const globals = globalThis as unknown as Record<string, ArrayClass & { BYTES_PER_ELEMENT?: number }>; // arrays, by name
  for (const name of NAMES) {
    const original = globals[name] as ArrayClass & { BYTES_PER_ELEMENT?: number }; // every Node has it
    const watched: typeof original = new Proxy(original, {
      construct: (target, args: unknown[], newTarget) => {
        const [first] = args;
        if (typeof first === 'number') count(first * (original.BYTES_PER_ELEMENT ?? 1));
        const made = Reflect.construct(
          target,
          args,
          newTarget === watched ? target : newTarget,
        ) as InstanceType<ArrayClass>;
        if (typeof first === 'object' && !(first instanceof ArrayBuffer)) count(made.byteLength);
        return made;
      },
    });
    globals[name] = watched;
    // Libraries look up what an array is by its constructor.
    Object.defineProperty(original.prototype, 'constructor', { value: watched, writable: true, configurable: true });
  }
  return {
    begin: (most) => {
      allocated = 0;
      mostBytes = most;
    },
    excess: () => (allocated > mostBytes ? allocated : undefined),
  };
}
