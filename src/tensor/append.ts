/** How much of a buffer that `append` made is taken. */
const taken = new WeakMap<ArrayBufferLike, number>();

/**
 * `start` followed by `more`; neither changes. Where `start` ends where an array of `append` ends, `more` is written into
 * the spare room behind it, so that an array that grows bit by bit is copied now and then and not every time. The result
 * may hold on to a buffer of one and a half times its length, or that of the array it is the rest of.
 *
 * Example: `let all = new Float32Array(0); for (const bit of bits) all = append(all, bit);` copies each number about three times.
 */
export function append(start: Float32Array, more: Float32Array): Float32Array {
  if (more.length === 0) return start;
  const length = start.length + more.length;
  if (hasRoom(start, more)) {
    const grown = new Float32Array(start.buffer, start.byteOffset, length);
    grown.set(more, start.length);
    taken.set(start.buffer, grown.byteOffset + grown.byteLength);
    return grown;
  }
  const roomy = new Float32Array(Math.ceil(1.5 * length));
  roomy.set(start);
  roomy.set(more, start.length);
  taken.set(roomy.buffer, 4 * length);
  return roomy.subarray(0, length);
}

/** Whether `append` writes `more` behind `start` where that lies, and copies nothing of it. */
export function hasRoom(start: Float32Array, more: Float32Array): boolean {
  const end = start.byteOffset + start.byteLength;
  return taken.get(start.buffer) === end && end + more.byteLength <= start.buffer.byteLength;
}
