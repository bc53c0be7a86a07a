import { readFileSync } from 'node:fs';

import fc from 'fast-check';
import { describe, expect, test } from 'vitest';

import { watchWholeness } from '../../src/audio/wholeness.ts';
import { cut, cutsArbitrary } from './chunking.ts';
import { ascii, bytes } from './wav-file.ts';

function recording(extension: string): Uint8Array {
  return Uint8Array.from(readFileSync(new URL(`../golden/audio/containers/tone.${extension}`, import.meta.url)));
}

/** Samples of the recording. */
const FRAMES = { flac: 6615, ogg: 6615, opus: 14_400, m4a: 6615 };

describe.each([
  ['flac', 'flac', FRAMES.flac],
  ['oga', 'ogg', FRAMES.ogg],
  ['opus', 'opus', FRAMES.opus],
  ['m4a', 'm4a', FRAMES.m4a],
] as const)('a recording in %s', (container, extension, frameCount) => {
  const file = recording(extension);
  const missing = (pieces: readonly Uint8Array[], frames: number = frameCount) => {
    const wholeness = watchWholeness(container);
    for (const piece of pieces) wholeness.watch(piece);
    return wholeness.missing(frames);
  };

  test('is whole, however its bytes were cut', () => {
    fc.assert(fc.property(cutsArbitrary, (cuts) => missing(cut(file, cuts)) === undefined));
  });

  test('is not whole without its end', () => {
    const frames = container === 'flac' ? frameCount - 1 : frameCount;
    for (const taken of [1, 30, Math.floor(file.length / 4)]) {
      expect(missing([file.slice(0, -taken)], frames)).toMatch(/, got /);
    }
  });
});

describe('Ogg', () => {
  test('may be followed by a tag', () => {
    const wholeness = watchWholeness('oga');
    wholeness.watch(bytes(recording('ogg'), ascii(`TAG${'x'.repeat(125)}`)));
    expect(wholeness.missing(1)).toBe(undefined);
  });

  test('with something between its pages is told of', () => {
    const file = recording('ogg');
    const page = Buffer.from(file).indexOf('OggS', 4);
    const wholeness = watchWholeness('oga');
    wholeness.watch(bytes(file.slice(0, page), ascii('x'.repeat(99)), file.slice(page)));
    expect(wholeness.missing(1)).toBe('one page of Ogg after the other, got something else');
  });
});
