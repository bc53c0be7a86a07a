/** Arrays that are free at most; together they are the largest that were in use at once. */
const MOST_FREE = 8;

/**
 * Large arrays that a step needs again and again, handed from call to call: making each anew costs more than filling it,
 * and sets off the garbage collector. What is free is held weakly: a collection takes it, so that a pool keeps no memory
 * from a process that has become idle.
 */
export class ArrayPool {
  #free: WeakRef<Float32Array<ArrayBuffer>>[] = [];

  /** `length` numbers of any content, the caller's alone until they are given back. */
  take(length: number): Float32Array<ArrayBuffer> {
    const free = this.#alive();
    let best: Float32Array<ArrayBuffer> | undefined;
    for (const array of free) {
      if (array.length >= length && array.length < (best?.length ?? Number.POSITIVE_INFINITY)) best = array;
    }
    this.#keep(free.filter((array) => array !== best));
    return (best ?? new Float32Array(length)).subarray(0, length);
  }

  /** Takes back an array of `take` that nothing reads any more. */
  give(array: Float32Array<ArrayBuffer>): void {
    const free = [...this.#alive(), new Float32Array(array.buffer)];
    this.#keep(free.toSorted((a, b) => b.length - a.length).slice(0, MOST_FREE));
  }

  #alive(): Float32Array<ArrayBuffer>[] {
    return this.#free.flatMap((each) => each.deref() ?? []);
  }

  #keep(free: readonly Float32Array<ArrayBuffer>[]): void {
    this.#free = free.map((array) => new WeakRef(array));
  }
}
