import type { JSX } from 'preact';
import { useEffect, useRef } from 'preact/hooks';

import { type Palette, paletteOf } from './palette.ts';

export type Surface = {
  readonly context: CanvasRenderingContext2D;
  /** CSS pixels; the context is scaled to the screen's. */ readonly width: number;
  readonly height: number;
  readonly palette: Palette;
};

type CanvasProps = {
  /** CSS pixels. */ readonly height: number;
  /** Description of the drawing for people who do not see it. */ readonly label: string;
  readonly draw: (surface: Surface) => void;
};

/** A picture that is drawn again, at most once a frame, when it, its size or the colour scheme changes. */
export function Canvas({ height, label, draw }: CanvasProps): JSX.Element {
  const ref = useRef<HTMLCanvasElement>(null);
  const latest = useRef(draw);
  const scheduled = useRef(0);
  latest.current = draw;
  const schedule = useRef(() => {
    if (scheduled.current !== 0) return;
    scheduled.current = requestAnimationFrame(() => {
      scheduled.current = 0;
      if (ref.current !== null) paint(ref.current, latest.current);
    });
  });

  useEffect(() => {
    const canvas = ref.current;
    if (canvas === null) return undefined;
    const again = schedule.current;
    const resized = new ResizeObserver(again);
    resized.observe(canvas);
    const scheme = matchMedia('(prefers-color-scheme: dark)');
    scheme.addEventListener('change', again);
    return () => {
      resized.disconnect();
      scheme.removeEventListener('change', again);
      cancelAnimationFrame(scheduled.current);
    };
  }, []);
  useEffect(() => schedule.current());

  return <canvas ref={ref} role="img" aria-label={label} style={{ height: `${height}px` }} />;
}

function paint(canvas: HTMLCanvasElement, draw: (surface: Surface) => void): void {
  const { clientWidth: width, clientHeight: height } = canvas;
  const context = canvas.getContext('2d');
  if (context === null || width === 0) return;
  const scale = window.devicePixelRatio;
  const [pixelWidth, pixelHeight] = [Math.round(width * scale), Math.round(height * scale)];
  if (canvas.width !== pixelWidth || canvas.height !== pixelHeight) {
    canvas.width = pixelWidth;
    canvas.height = pixelHeight;
  }
  context.setTransform(scale, 0, 0, scale, 0, 0);
  context.clearRect(0, 0, width, height);
  draw({ context, width, height, palette: paletteOf(canvas) });
}
