import type { JSX } from 'preact';
import { useMemo } from 'preact/hooks';

import { Canvas, type Surface } from '../canvas/canvas.tsx';
import { type ConsoleState, wordAt } from '../console-state.ts';
import { clockOf, drawSignal, SIGNAL_HEIGHT } from './draw-signal.ts';
import type { SignalTrace } from './signal-trace.ts';

const PIXELS_PER_SECOND = 84;

/** Waveform, log-mel and words of the newest seconds, or of those around the selected word. */
export function SignalPanel({ state, trace }: { state: ConsoleState; trace: SignalTrace | undefined }): JSX.Element {
  const selected = wordAt(state, state.selected);
  const words = useMemo(() => state.utterances.flatMap((utterance) => utterance.words), [state.utterances]);
  const draw = (surface: Surface): void => {
    if (trace === undefined) return;
    const length = surface.width / PIXELS_PER_SECOND;
    const newest = Math.max(length, state.sentSeconds);
    const isInView = selected === undefined || selected.start >= newest - length;
    const end = isInView ? newest : Math.max(length, (selected.start + selected.end + length) / 2);
    const losses = state.outages.map(({ sentSeconds }) => sentSeconds);
    drawSignal(surface, { trace, start: end - length, end, words, partial: state.partial, selected, losses });
  };
  return (
    <section class="panel signal" aria-labelledby="signal-title">
      <header>
        <h2 id="signal-title">Signal</h2>
        <p class="figures">{clockOf(state.sentSeconds)} sent</p>
      </header>
      {trace === undefined ? (
        <p class="empty" style={{ minHeight: `${SIGNAL_HEIGHT}px` }}>
          Waveform and log-mel energies, with the words under them, appear here.
        </p>
      ) : (
        <Canvas
          height={SIGNAL_HEIGHT}
          draw={draw}
          label={`Waveform and log-mel spectrogram of the last seconds; ${Math.floor(state.sentSeconds)} seconds so far`}
        />
      )}
    </section>
  );
}
