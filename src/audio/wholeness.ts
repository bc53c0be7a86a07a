/**
 * Whether a compressed recording has come to its end, told by its container as the bytes pass: decoders give what there is
 * of a file that was cut short, and say nothing.
 */
import type { CompressedContainer } from './container.ts';

export type Wholeness = {
  /** Takes every byte of the file, in order. */ readonly watch: (bytes: Uint8Array) => void;
  /**
   * What is missing, once all bytes have passed and `frameCount` samples a channel came of them; undefined if nothing
   * is.
   */
  readonly missing: (frameCount: number) => string | undefined;
};

/**
 * Watches whether a compressed file is whole, in containers that say how long they are; the others always count as
 * whole.
 */
export function watchWholeness(container: CompressedContainer): Wholeness {
  if (container === 'm4a') return watchBoxes();
  if (container === 'flac' || container === 'oga' || container === 'opus') return watchFlacOrOgg();
  return { watch: () => undefined, missing: () => undefined };
}

/** Length in bytes of `fLaC`, a block header, and STREAMINFO up to its count of samples. */
const FLAC_HEAD_BYTES = 26;

function watchFlacOrOgg(): Wholeness {
  const head = new Uint8Array(FLAC_HEAD_BYTES);
  let length = 0;
  const pages = watchPages();
  const isFlac = () => head[0] === 0x66; // f, of fLaC
  return {
    watch: (bytes) => {
      if (length < FLAC_HEAD_BYTES) head.set(bytes.subarray(0, FLAC_HEAD_BYTES - length), length);
      length = Math.min(FLAC_HEAD_BYTES, length + bytes.length);
      if (!isFlac()) pages.watch(bytes);
    },
    missing: (frameCount) => {
      if (!isFlac()) return pages.missing(frameCount);
      const view = new DataView(head.buffer);
      const expected = (view.getUint8(21) & 15) * 2 ** 32 + view.getUint32(22); // 36 bits; 0 is unknown
      return frameCount < expected ? `${expected} samples, got ${frameCount}` : undefined;
    },
  };
}

const PAGE_HEADER_BYTES = 27;
/** Bits of a page's flags. */
const LAST_PAGE = 4;

/** Pages of Ogg, one after the other, until one says that it is the last. */
function watchPages(): Wholeness {
  const header = new Uint8Array(PAGE_HEADER_BYTES + 255);
  let length = 0; // of what there is of `header`
  let remaining = 0; // bytes of the page's content
  let isLast = false;
  let isLost = false;
  let isOver = false;

  /** Gives how many of `bytes` belong to the header. */
  const take = (bytes: Uint8Array): number => {
    const wanted = length < PAGE_HEADER_BYTES ? PAGE_HEADER_BYTES : PAGE_HEADER_BYTES + header[26]!;
    const taken = Math.min(wanted - length, bytes.length);
    header.set(bytes.subarray(0, taken), length);
    length += taken;
    if (length < PAGE_HEADER_BYTES) return taken;
    if (String.fromCharCode(...header.subarray(0, 4)) !== 'OggS') {
      if (isLast)
        isOver = true; // a tag, say
      else isLost = true;
      return taken;
    }
    const segmentCount = header[26]!;
    if (length === PAGE_HEADER_BYTES + segmentCount) {
      isLast = (header[5]! & LAST_PAGE) !== 0;
      remaining = header.subarray(PAGE_HEADER_BYTES, length).reduce((sum, segment) => sum + segment, 0);
      length = 0;
    }
    return taken;
  };

  return {
    watch: (bytes) => {
      for (let used = 0; used < bytes.length; ) {
        if (isLost || isOver) return;
        const passed = length === 0 ? Math.min(remaining, bytes.length - used) : 0;
        remaining -= passed;
        used += passed;
        used += take(bytes.subarray(used));
      }
    },
    missing: () => {
      if (isLost) return 'one page of Ogg after the other, got something else';
      return isOver || (isLast && remaining === 0 && length === 0) ? undefined : 'the last page of Ogg, got none';
    },
  };
}

const BOX_HEADER_BYTES = 16;

/** Boxes of MP4 on the top level, each as long as it says. */
function watchBoxes(): Wholeness {
  const header = new Uint8Array(BOX_HEADER_BYTES);
  let length = 0; // of what there is of `header`
  let remaining = 0; // bytes of the box, infinite for one that goes on to the end

  return {
    watch: (bytes) => {
      for (let used = 0; used < bytes.length; ) {
        const passed = length === 0 ? Math.min(remaining, bytes.length - used) : 0;
        remaining -= passed;
        used += passed;
        const view = new DataView(header.buffer);
        const wanted = length >= 8 && view.getUint32(0) === 1 ? BOX_HEADER_BYTES : 8;
        const taken = Math.min(wanted - length, bytes.length - used);
        header.set(bytes.subarray(used, used + taken), length);
        used += taken;
        length += taken;
        const size = length < 8 ? 1 : view.getUint32(0);
        if (length < (size === 1 ? BOX_HEADER_BYTES : 8)) continue;
        const bytesOfBox = size === 1 ? Number(view.getBigUint64(8)) : size;
        remaining = size === 0 ? Number.POSITIVE_INFINITY : Math.max(0, bytesOfBox - length);
        length = 0;
      }
    },
    missing: () => {
      if (!Number.isFinite(remaining) || (remaining === 0 && length === 0)) return undefined;
      return `${remaining} more bytes of the box, got the end of the file`;
    },
  };
}
