/** Arrays that are free at most; together they are the largest that were in use at once. */
const MOST_FREE = 8;

type Pooled = Float32Array<ArrayBuffer>;

/**
 * Large arrays that a step needs again and again, handed from call to call: making each anew costs more than filling it,
 * and sets off the garbage collector. What is free is held weakly: a collection takes it, so that a pool keeps no memory
 * from a process that has become idle.
 */
export class ArrayPool {
  #free: WeakRef<Pooled>[] = [];

  /** `length` numbers of any content, the caller's alone until they are given back. */
  take(length: number): Pooled {
    let [best, place]: [Pooled | undefined, number] = [undefined, -1];
    for (const [index, reference] of this.#free.entries()) {
      const array = reference.deref();
      if (array === undefined || array.length < length || array.length >= (best?.length ?? Number.POSITIVE_INFINITY)) {
        continue;
      }
      [best, place] = [array, index];
    }
    if (best === undefined) return new Float32Array(length);
    this.#free.splice(place, 1);
    return best.length === length ? best : best.subarray(0, length);
  }

  /** Takes back an array of `take` that nothing reads any more. */
  give(array: Pooled): void {
    const { buffer } = array;
    this.#free.push(new WeakRef(array.byteLength === buffer.byteLength ? array : new Float32Array(buffer)));
    if (this.#free.length > MOST_FREE) this.#dropSmallest();
  }

  #dropSmallest(): void {
    const lengths = this.#free.map((reference) => reference.deref()?.length ?? 0); // 0: collected
    this.#free.splice(lengths.indexOf(Math.min(...lengths)), 1);
  }
}
