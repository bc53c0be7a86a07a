import { createLogMel } from '../src/audio/log-mel.ts';
import type { AttentionEvent } from '../src/index.ts';
import { type AttentionRow, drawAttention, PLOT_WIDTH } from './attention-picture.ts';
import { joinCells } from './picture/share-cells.ts';
import { clockFor } from './picture/time-axis.ts';
import { createTimeline } from './picture/timeline.ts';

/** Collects what a picture of a recording's attention needs while the recording is heard. */
export type AttentionRecorder = {
  record(samples: Float32Array): void;
  rest(event: AttentionEvent): void;
  /** A PNG file. */
  draw(name: string): Uint8Array;
};

const BAND_COUNT = 40;

export function createAttentionRecorder(sampleRate: number): AttentionRecorder {
  const logMel = createLogMel({
    sampleRate,
    frameLength: Math.round(0.025 * sampleRate),
    hopLength: Math.round(0.01 * sampleRate),
    fftLength: 2 ** Math.ceil(Math.log2(0.025 * sampleRate)),
    bandCount: BAND_COUNT,
    lowHz: 64,
    highHz: 0.475 * sampleRate,
    window: 'povey',
    preemphasis: 0.97,
    removeDcOffset: true,
    energyFloor: 1.1920929e-7,
  });
  const timeline = createTimeline(BAND_COUNT, PLOT_WIDTH);
  const rows: AttentionRow[] = [];
  let sampleCount = 0;
  let secondsPerVector = 0.01;
  return {
    record(samples) {
      sampleCount += samples.length;
      timeline.push(logMel.push(samples));
    },
    rest(event) {
      ({ secondsPerVector } = event);
      const cells = (shares: Float32Array) =>
        joinCells({ shares, secondsPerCell: event.secondsPerVector }, 2 * PLOT_WIDTH);
      for (const { word, start, end, memory, decoder } of event.words) {
        rows.push({ word, start, end, memory: cells(memory), ...(decoder && { decoder: cells(decoder) }) });
      }
    },
    draw(name) {
      const duration = sampleCount / sampleRate;
      const { unit, write } = clockFor(duration);
      const title = `${name}: ${rows.length} words in ${write(duration, 1)}${unit === 'seconds' ? ' seconds' : ''}`;
      const spectrogram = timeline.columns();
      return drawAttention({ title, duration, secondsPerVector, spectrogram, bandCount: BAND_COUNT, rows });
    },
  };
}
