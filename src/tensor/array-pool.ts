/** Arrays that are free at most; together they are the largest that were in use at once. */
const MOST_FREE = 8;

/**
 * Large arrays that a step needs again and again, handed from call to call: making each anew costs more than filling it,
 * and sets off the garbage collector.
 */
export class ArrayPool {
  readonly #free: Float32Array<ArrayBuffer>[] = [];

  /** `length` numbers of any content, the caller's alone until they are given back. */
  take(length: number): Float32Array<ArrayBuffer> {
    let best = -1;
    for (const [index, { length: available }] of this.#free.entries()) {
      const isBetter = best === -1 || available < (this.#free[best]?.length ?? 0);
      if (available >= length && isBetter) best = index;
    }
    const [array = new Float32Array(length)] = best === -1 ? [] : this.#free.splice(best, 1);
    return array.subarray(0, length);
  }

  /** Takes back an array of `take` that nothing reads any more. */
  give(array: Float32Array<ArrayBuffer>): void {
    this.#free.push(new Float32Array(array.buffer));
    if (this.#free.length <= MOST_FREE) return;
    let smallest = 0;
    for (const [index, { length }] of this.#free.entries()) {
      if (length < (this.#free[smallest]?.length ?? 0)) smallest = index;
    }
    this.#free.splice(smallest, 1);
  }
}
