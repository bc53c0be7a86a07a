/** Arrays that are free at most; together they are the largest that were in use at once. */
const MOST_FREE = 8;

type Pooled = Float32Array<ArrayBuffer>;

/**
 * Large arrays that a step needs again and again, handed from call to call: making each anew costs more than filling it,
 * and sets off the garbage collector. What is free is held weakly: a collection takes it, so that a pool keeps no memory
 * from a process that has become idle.
 */
export class ArrayPool {
  /** The free ones: nothing else holds the list. */
  #free = new WeakRef<ArrayBuffer[]>([]);

  /** `length` numbers of any content, the caller's alone until they are given back. */
  take(length: number): Pooled {
    const free = this.#free.deref() ?? [];
    const bytes = length * Float32Array.BYTES_PER_ELEMENT;
    let best = -1;
    for (const [place, { byteLength }] of free.entries()) {
      if (byteLength >= bytes && (best < 0 || byteLength < free[best]!.byteLength)) best = place;
    }
    if (best < 0) return new Float32Array(length);
    const [buffer] = free.splice(best, 1);
    return new Float32Array(buffer!, 0, length); // `best` is a place in the list
  }

  /** Takes back an array of `take` that nothing reads any more. */
  give(array: Pooled): void {
    let free = this.#free.deref();
    if (free === undefined) this.#free = new WeakRef((free = []));
    free.push(array.buffer);
    if (free.length <= MOST_FREE) return;
    const lengths = free.map(({ byteLength }) => byteLength);
    free.splice(lengths.indexOf(Math.min(...lengths)), 1);
  }

  /** Takes back `arrays` of `take` once `use`, which alone reads them, has ended, well or not. */
  async lend<T>(arrays: readonly Pooled[], use: () => Promise<T>): Promise<T> {
    try {
      return await use();
    } finally {
      for (const array of arrays) this.give(array);
    }
  }
}
