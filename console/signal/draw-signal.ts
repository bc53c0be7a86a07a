/** Waveform over spectrogram over words, on one time axis. */
import type { WordMessage } from '../../client/index.ts';
import type { Surface } from '../canvas/canvas.tsx';
import { BAND_COUNT, type SignalTrace } from './signal-trace.ts';
import { wordLabels } from './word-labels.ts';

export type SignalPicture = {
  readonly trace: SignalTrace;
  /** The axis, seconds of the stream. */ readonly start: number;
  readonly end: number;
  readonly words: readonly WordMessage[];
  readonly partial: readonly WordMessage[];
  readonly selected: WordMessage | undefined;
  /** Moments at which the connection was lost, in seconds. */ readonly losses: readonly number[];
};

const WAVE = { top: 0, height: 56 } as const;
const MEL = { top: 60, height: 2 * BAND_COUNT } as const;
/** Words lie in two rows, so that two short ones in a row are both read. */
const LANE = { top: 160, height: 34, rows: 2, rowHeight: 15 } as const;
const AXIS = { top: 200, height: 16 } as const;
export const SIGNAL_HEIGHT: number = AXIS.top + AXIS.height;

/** Nats below the loudest that are still seen. */
const DYNAMIC_RANGE = 8;
const QUIET_SAMPLE = 0.02;

export function drawSignal(surface: Surface, picture: SignalPicture): void {
  const { width } = surface;
  const toX = (seconds: number): number => ((seconds - picture.start) / (picture.end - picture.start)) * width;
  drawSelection(surface, picture, toX);
  drawWaveform(surface, picture, toX);
  drawSpectrogram(surface, picture, toX);
  drawLosses(surface, picture, toX);
  drawWords(surface, picture, toX);
  drawAxis(surface, picture, toX);
}

type ToX = (seconds: number) => number;

function visibleColumns({ trace, start, end }: SignalPicture): readonly [number, number] {
  const first = Math.max(trace.first(), Math.floor(start / trace.columnSeconds));
  return [first, Math.max(first, Math.min(trace.count(), Math.ceil(end / trace.columnSeconds)))];
}

function drawSelection({ context, palette }: Surface, { selected }: SignalPicture, toX: ToX): void {
  if (selected === undefined) return;
  context.fillStyle = palette.line;
  context.fillRect(
    toX(selected.start),
    0,
    Math.max(2, toX(selected.end) - toX(selected.start)),
    LANE.top + LANE.height,
  );
}

function drawWaveform({ context, width, palette }: Surface, picture: SignalPicture, toX: ToX): void {
  const { trace } = picture;
  const middle = WAVE.top + WAVE.height / 2;
  context.fillStyle = palette.line;
  context.fillRect(0, middle, width, 1);
  context.fillStyle = palette.accent;
  const [first, end] = visibleColumns(picture);
  const columnWidth = toX(trace.columnSeconds) - toX(0);
  const scale = WAVE.height / 2 / loudestSample(trace, first, end);
  for (let column = first; column < end; column++) {
    const [low, high] = trace.extremes(column);
    const top = middle - high * scale;
    const x = toX(column * trace.columnSeconds);
    context.fillRect(x, top, Math.max(0.75, columnWidth - 0.5), Math.max(1, (high - low) * scale));
  }
}

/** The largest sample of the columns in view, and no less than that of a quiet room. */
function loudestSample(trace: SignalTrace, first: number, end: number): number {
  let loudest = QUIET_SAMPLE;
  for (let column = first; column < end; column++) {
    const [low, high] = trace.extremes(column);
    loudest = Math.max(loudest, -low, high);
  }
  return loudest;
}

function drawSpectrogram({ context, palette }: Surface, picture: SignalPicture, toX: ToX): void {
  const { trace } = picture;
  const [first, end] = visibleColumns(picture);
  if (end === first) return;
  const image = new ImageData(end - first, BAND_COUNT);
  const ink = palette.mix.ink;
  const top = trace.loudest();
  for (let column = first; column < end; column++) {
    for (let band = 0; band < BAND_COUNT; band++) {
      const level = Math.max(0, Math.min(1, 1 + (trace.energy(column, band) - top) / DYNAMIC_RANGE));
      const at = 4 * ((BAND_COUNT - 1 - band) * (end - first) + column - first);
      image.data.set([...ink, 255 * level ** 1.5], at);
    }
  }
  const plate = new OffscreenCanvas(end - first, BAND_COUNT);
  plate.getContext('2d')?.putImageData(image, 0, 0);
  const x = toX(first * trace.columnSeconds);
  context.imageSmoothingEnabled = true;
  context.drawImage(plate, x, MEL.top, toX(end * trace.columnSeconds) - x, MEL.height);
}

function drawLosses({ context, palette }: Surface, { losses }: SignalPicture, toX: ToX): void {
  context.fillStyle = palette.bad;
  for (const seconds of losses) context.fillRect(toX(seconds), 0, 1.5, LANE.top - 2);
}

function drawWords({ context, width, palette }: Surface, picture: SignalPicture, toX: ToX): void {
  const { words, partial, selected } = picture;
  const colorOf = (word: WordMessage): string => {
    if (partial.includes(word)) return palette.soft;
    return word === selected ? palette.glow : palette.ink;
  };
  const fontOf = (isSettled: boolean): string => `${isSettled ? 600 : 400} 12px ${palette.font}`;
  for (const word of [...words, ...partial]) {
    context.fillStyle = colorOf(word);
    context.fillRect(toX(word.start), LANE.top, Math.max(2, toX(word.end) - toX(word.start) - 1), 2);
  }
  context.textBaseline = 'top';
  context.font = fontOf(true); // the wider one: words do not move when they are settled
  const measure = (text: string): number => context.measureText(text).width;
  for (const { word, x, row } of wordLabels([...words, ...partial], { toX, width, rows: LANE.rows, measure })) {
    context.fillStyle = colorOf(word);
    context.font = fontOf(!partial.includes(word));
    context.fillText(word.word, x, LANE.top + 5 + row * LANE.rowHeight);
  }
}

function drawAxis({ context, width, palette }: Surface, { start, end }: SignalPicture, toX: ToX): void {
  const secondsPerTick = [1, 2, 5, 10, 30].find((step) => (step / (end - start)) * width >= 56) ?? 60;
  context.fillStyle = palette.soft;
  context.font = `12px ${palette.font}`;
  context.textBaseline = 'top';
  for (let tick = Math.ceil(start / secondsPerTick) * secondsPerTick; tick <= end; tick += secondsPerTick) {
    const x = toX(tick);
    context.fillRect(x, AXIS.top - 2, 1, 4);
    const label = clockOf(tick);
    const labelWidth = context.measureText(label).width;
    if (x + labelWidth + 4 < width) context.fillText(label, x + 4, AXIS.top);
  }
}

/** `75` is `1:15`. */
export function clockOf(seconds: number): string {
  const whole = Math.floor(seconds);
  return `${Math.floor(whole / 60)}:${String(whole % 60).padStart(2, '0')}`;
}
