/**
 * A list of all codes that are valid, one a line: looked up exactly, in little more room than the file. Beside its bytes stands a table of
 * 4 bytes a place, with 1.5 to 3 places a line (a power of two): a million lines of ten characters take 11 MB and 8 MB.
 */
import { HearkenError } from '../errors.ts';

export type CodeList = {
  /** Lines that are not empty; the same twice counts twice. */ readonly count: number;
  readonly has: (written: string) => boolean;
};

const MOST_BYTES = 1 << 30;
const NEWLINE = 0x0a;
const RETURN = 0x0d;

/** The list in the bytes of a UTF-8 text, which it keeps. Throws `grammar/too-large` on more than 1 GiB, `grammar/empty` on no line. */
export function codeListOf(bytes: Uint8Array): CodeList {
  if (bytes.length > MOST_BYTES) {
    throw new HearkenError('grammar/too-large', `Expected a list of at most ${MOST_BYTES} bytes, got ${bytes.length}`);
  }
  let count = 0;
  for (const _ of lines(bytes)) count++;
  if (count === 0) throw new HearkenError('grammar/empty', 'Expected a list with at least one code, got none');
  const table = new Uint32Array(2 ** Math.ceil(Math.log2(1.5 * count + 1)));
  const mask = table.length - 1;
  for (const { start, end } of lines(bytes)) {
    let place = hash(bytes, start, end) & mask;
    while (table[place] !== 0) place = (place + 1) & mask; // open addressing: a third of the places stay free
    table[place] = start + 1;
  }
  const encoder = new TextEncoder();
  return {
    count,
    has: (written) => {
      const wanted = encoder.encode(written);
      if (wanted.length === 0) return false;
      for (let place = hash(wanted, 0, wanted.length) & mask; table[place] !== 0; place = (place + 1) & mask) {
        if (standsAt(bytes, table[place]! - 1, wanted)) return true;
      }
      return false;
    },
  };
}

/** Places of the lines that are not empty, without their ends. */
function* lines(bytes: Uint8Array): Generator<{ start: number; end: number }> {
  const hasMark = bytes[0] === 0xef && bytes[1] === 0xbb && bytes[2] === 0xbf;
  for (let start = hasMark ? 3 : 0; start < bytes.length; ) {
    const newline = bytes.indexOf(NEWLINE, start);
    const next = newline < 0 ? bytes.length : newline;
    const end = bytes[next - 1] === RETURN && next > start ? next - 1 : next;
    if (end > start) yield { start, end };
    start = next + 1;
  }
}

function standsAt(bytes: Uint8Array, start: number, wanted: Uint8Array): boolean {
  for (let index = 0; index < wanted.length; index++) if (bytes[start + index] !== wanted[index]) return false;
  const after = bytes[start + wanted.length];
  return after === undefined || after === NEWLINE || (after === RETURN && isEnd(bytes, start + wanted.length + 1));
}

function isEnd(bytes: Uint8Array, place: number): boolean {
  return place >= bytes.length || bytes[place] === NEWLINE;
}

/** FNV-1a in 32 bits, from 0. */
function hash(bytes: Uint8Array, start: number, end: number): number {
  let value = 0x811c9dc5;
  for (let index = start; index < end; index++) value = Math.imul(value ^ bytes[index]!, 0x01000193);
  return (value ^ (value >>> 15)) >>> 0;
}
