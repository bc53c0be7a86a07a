import type { JSX } from 'preact';
import { useRef, useState } from 'preact/hooks';

import { Canvas } from '../../console/canvas/canvas.tsx';
import { useDecoding } from '../alignment/use-decoding.ts';
import { BLANK, drawingOf, type Place, SIDE, withStroke } from './drawing.ts';
import { describeLook, drawSight } from './draw-sight.ts';

const CAPTIONER = 'caption-digits';
const EXAMPLE = 'samples/digits.png';
const DRAWN_HEIGHT = 256;
const LOOK_HEIGHT = 96;

/** Draw digits, and watch where each word of the caption looks. */
export function SightPanel(): JSX.Element {
  const [drawing, setDrawing] = useState(BLANK);
  const last = useRef<Place | undefined>(undefined);
  const isBlank = drawing === BLANK;
  const { written, problem, isBusy } = useDecoding(isBlank ? '' : CAPTIONER, drawing);
  const grid = written?.grid;
  const draw = (event: PointerEvent & { readonly currentTarget: HTMLElement }): void => {
    if (event.buttons !== 1) {
      last.current = undefined;
      return;
    }
    const { left, top } = event.currentTarget.getBoundingClientRect();
    const place = {
      x: ((event.clientX - left) * SIDE) / DRAWN_HEIGHT,
      y: ((event.clientY - top) * SIDE) / DRAWN_HEIGHT,
    };
    const from = last.current ?? place;
    last.current = place;
    setDrawing((before) => withStroke(before, from, place));
  };
  return (
    <section class="panel" aria-labelledby="sight-title">
      <header>
        <h2 id="sight-title">Digits, seen and named</h2>
        <p class="figures" role="status">
          {isBusy ? 'computing' : (written?.text ?? '')}
        </p>
      </header>
      <p>
        Draw two to five digits, each about a quarter as high as the picture. The caption names them from left to right
        and says how each stands to the next; below, where each word looked.
      </p>
      <div class="fields">
        <button type="button" onClick={() => void fetchExample().then(setDrawing)}>
          Show an example
        </button>
        <button type="button" disabled={isBlank} onClick={() => setDrawing(BLANK)}>
          Clear
        </button>
      </div>
      {problem !== '' && (
        <p class="refused" role="alert">
          {problem}
        </p>
      )}
      <div class="drawing" onPointerDown={draw} onPointerMove={draw}>
        <Canvas
          height={DRAWN_HEIGHT}
          label={isBlank ? 'An empty picture, to draw in' : 'The picture that is drawn'}
          draw={(surface) => drawSight(surface, drawing)}
        />
      </div>
      {grid !== undefined && (
        <ol class="looks">
          {written?.outputSymbols.map((word, index, words) => {
            const look = { ...grid, shares: written.alignment[index] ?? [] };
            return (
              <li key={words.slice(0, index + 1).join(' ')}>
                <Canvas
                  height={LOOK_HEIGHT}
                  label={`“${word}” looked at ${describeLook(look)}`}
                  draw={(surface) => drawSight(surface, drawing, look)}
                />
                {word}
              </li>
            );
          })}
        </ol>
      )}
    </section>
  );
}

/** A scene that comes with the page. */
async function fetchExample(): Promise<typeof BLANK> {
  const response = await fetch(EXAMPLE);
  if (!response.ok) throw new Error(`Expected the picture ${EXAMPLE}, got ${response.status}`);
  const bitmap = await createImageBitmap(await response.blob());
  const context = new OffscreenCanvas(SIDE, SIDE).getContext('2d');
  if (context === null) throw new Error('Expected a canvas to decode a picture, got none');
  context.drawImage(bitmap, 0, 0, SIDE, SIDE);
  return drawingOf(context.getImageData(0, 0, SIDE, SIDE).data);
}
