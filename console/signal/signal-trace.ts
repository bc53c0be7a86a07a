/** The newest minutes of what was sent, as a picture needs it: extremes of the waveform and log-mel energies. */
import { createLogMel } from '../../src/audio/log-mel.ts';

export const BAND_COUNT = 48;

export type SignalTrace = {
  readonly push: (samples: Float32Array) => void;
  /** Seconds of one column. */ readonly columnSeconds: number;
  /** Columns ever completed; `first()` to `count() - 1` are held. */ readonly count: () => number;
  readonly first: () => number;
  /** Smallest and largest sample of a column. */ readonly extremes: (column: number) => readonly [number, number];
  /** Natural logarithm of a band's energy in a column. */ readonly energy: (column: number, band: number) => number;
  /** The loudest energy of late, for a scale that follows the speaker. */ readonly loudest: () => number;
};

const COLUMNS_PER_SECOND = 50;
/** Ten minutes, in 3.4 MB. */
const HELD_COLUMNS = 10 * 60 * COLUMNS_PER_SECOND;
/** Energies are kept as bytes: sixteenths of a nat above the floor's logarithm. */
const FLOOR = 1e-5;
const STEPS_PER_NAT = 12;
/** Nats a second by which the scale comes down after something loud. */
const DECAY = 0.4;
/** Energies of a silent room: the scale never comes down to them. */
const QUIETEST_SCALE = -1;

export function createSignalTrace(sampleRate: number): SignalTrace {
  const hopLength = Math.round(sampleRate / COLUMNS_PER_SECOND);
  const frameLength = Math.max(hopLength, Math.round(0.032 * sampleRate));
  const logMel = createLogMel({
    sampleRate,
    frameLength,
    hopLength,
    fftLength: 2 ** Math.ceil(Math.log2(frameLength)),
    bandCount: BAND_COUNT,
    lowHz: 60,
    highHz: Math.min(7600, sampleRate / 2),
    window: 'hann',
    preemphasis: 0.97,
    removeDcOffset: true,
    energyFloor: FLOOR,
  });
  const energies = new Uint8Array(HELD_COLUMNS * BAND_COUNT);
  const waveform = createExtremes(hopLength);
  let count = 0;
  let loudest = QUIETEST_SCALE;

  return {
    columnSeconds: hopLength / sampleRate,
    count: () => count,
    first: () => Math.max(0, count - HELD_COLUMNS),
    extremes: waveform.at,
    energy: (column, band) =>
      Math.log(FLOOR) + (energies[(column % HELD_COLUMNS) * BAND_COUNT + band] ?? 0) / STEPS_PER_NAT,
    loudest: () => loudest,
    push: (samples) => {
      waveform.push(samples);
      const rows = logMel.push(samples);
      for (let start = 0; start < rows.length; start += BAND_COUNT, count++) {
        const row = rows.subarray(start, start + BAND_COUNT);
        loudest = Math.max(QUIETEST_SCALE, loudest - DECAY / COLUMNS_PER_SECOND, ...row);
        const steps = row.map((energy) => Math.min(255, (energy - Math.log(FLOOR)) * STEPS_PER_NAT));
        energies.set(steps, (count % HELD_COLUMNS) * BAND_COUNT);
      }
    },
  };
}

/** Smallest and largest sample of each `length` samples. */
function createExtremes(length: number) {
  const held = new Float32Array(2 * HELD_COLUMNS);
  let low = 0;
  let high = 0;
  let filled = 0;
  let column = 0;
  return {
    at: (index: number): readonly [number, number] => [
      held[2 * (index % HELD_COLUMNS)] ?? 0,
      held[2 * (index % HELD_COLUMNS) + 1] ?? 0,
    ],
    push: (samples: Float32Array): void => {
      for (const sample of samples) {
        low = Math.min(low, sample);
        high = Math.max(high, sample);
        if (++filled < length) continue;
        held.set([low, high], 2 * (column % HELD_COLUMNS));
        column++;
        filled = 0;
        low = 0;
        high = 0;
      }
    },
  };
}
