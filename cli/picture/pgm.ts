/** Pictures in PGM, plain (P2) and raw (P5): https://netpbm.sourceforge.net/doc/pgm.html */

/** Brightness of pixels, row by row, 0 to 1. */
export type GrayImage = { readonly height: number; readonly width: number; readonly pixels: Float32Array };

const BLANK = /[ \t\r\n\v\f]/;

/** What `bytes`, a PGM, shows. Throws an `Error` that says what was expected; `most` are the pixels that it may have. */
export function readPgm(bytes: Uint8Array, most: number): GrayImage {
  const header = new HeaderReader(bytes);
  const isPlain = header.word() === 'P2';
  const [width, height, largest] = [header.number('width'), header.number('height'), header.number('maximum')];
  if (width < 1 || height < 1) throw new Error(`Expected 1 pixel or more, got ${width} x ${height}`);
  if (width * height > most) throw new Error(`Expected ${most} pixels at the most, got ${width} x ${height}`);
  if (largest < 1 || largest > 65_535) throw new Error(`Expected a maximum in 1..65535, got ${largest}`);
  const count = width * height;
  const at = isPlain ? () => header.number('a pixel') : rawPixels(bytes, header.afterBlank(), count, largest > 255);
  const pixels = Float32Array.from({ length: count }, (_, index) => at(index) / largest);
  const above = pixels.findIndex((pixel) => pixel > 1);
  if (above >= 0) throw new Error(`Expected pixels up to ${largest}, got more at number ${above + 1}`);
  return { height, width, pixels };
}

function rawPixels(bytes: Uint8Array, start: number, count: number, isWide: boolean): (index: number) => number {
  const size = isWide ? 2 : 1;
  const left = Math.max(0, bytes.length - start);
  if (left < size * count) throw new Error(`Expected ${size * count} bytes of pixels, got ${left}`);
  const view = new DataView(bytes.buffer, bytes.byteOffset + start, size * count);
  return isWide ? (index) => view.getUint16(2 * index) : (index) => view.getUint8(index);
}

/** Reads words between blanks; a comment goes from `#` to the end of its line. */
class HeaderReader {
  readonly #bytes: Uint8Array;
  #place = 0;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
  }

  word(): string {
    let word = '';
    for (; this.#place < this.#bytes.length; this.#place++) {
      const character = String.fromCharCode(this.#bytes[this.#place]!);
      if (character === '#') this.#skipLine();
      else if (!BLANK.test(character)) word += character;
      else if (word !== '') break;
    }
    return word;
  }

  /** A whole number, called `name` where it is none. */
  number(name: string): number {
    const word = this.word();
    if (!/^\d{1,9}$/.test(word))
      throw new Error(`Expected a number as ${name}, got ${JSON.stringify(word.slice(0, 20))}`);
    return Number(word);
  }

  /** Where raw pixels begin: after one blank. */
  afterBlank(): number {
    return this.#place + 1;
  }

  #skipLine(): void {
    while (this.#place < this.#bytes.length && this.#bytes[this.#place] !== 0x0a) this.#place++;
  }
}
