import type { AlignedLabel } from '../../src/ctc/alignment.ts';
import type { LogProbabilityRows } from '../../src/ctc/log-probabilities.ts';
import { extendWithBlanks, maySkipBlank } from '../../src/ctc/states.ts';

/** The forced alignment as one would write it: all states in every row, their path as a list. None if there is no path. */
export function naiveAlignment(rows: LogProbabilityRows, labels: readonly number[]): AlignedLabel[] | undefined {
  const rowCount = rows.data.length / rows.width;
  const symbols = extendWithBlanks(labels);
  const { best, origins } = findBestPaths(rows, rowCount, symbols);
  const end = bestEnd(best);
  if (best[end] === Number.NEGATIVE_INFINITY) return undefined;
  const states = traceBack(origins, symbols.length, rowCount, end);
  return labels.map((label, index) => describe(rows, states, 2 * index + 1, label));
}

/** Viterbi over the states of `symbols`: the best score per state after the last row, and for every row where it came from. */
function findBestPaths(rows: LogProbabilityRows, rowCount: number, symbols: Int32Array) {
  // As in `ctcScores`, all paths begin in the leading blank before the first row.
  let best = new Float64Array(symbols.length).fill(Number.NEGATIVE_INFINITY);
  best[0] = 0;
  const origins = new Uint8Array(rowCount * symbols.length); // How many states each path came forward: 0, 1 or 2.
  for (let row = 0; row < rowCount; row++) {
    const next = new Float64Array(symbols.length);
    for (let state = 0; state < symbols.length; state++) {
      let forward = 0;
      for (let step = 1; step <= (maySkipBlank(symbols, state) ? 2 : 1); step++) {
        if ((best[state - step] ?? Number.NEGATIVE_INFINITY) > (best[state - forward] ?? 0)) forward = step;
      }
      const logProbability = rows.data[row * rows.width + (symbols[state] ?? 0)] ?? Number.NEGATIVE_INFINITY;
      next[state] = (best[state - forward] ?? Number.NEGATIVE_INFINITY) + logProbability;
      origins[row * symbols.length + state] = forward;
    }
    best = next;
  }
  return { best, origins };
}

/** A path ends in the last label or in the blank after it. */
function bestEnd(best: Float64Array): number {
  const blank = best.length - 1;
  return blank > 0 && (best[blank - 1] ?? 0) > (best[blank] ?? 0) ? blank - 1 : blank;
}

/** The state of the best path in every row. */
function traceBack(origins: Uint8Array, stateCount: number, rowCount: number, end: number): Int32Array {
  const states = new Int32Array(rowCount);
  let state = end;
  for (let row = rowCount - 1; row >= 0; row--) {
    states[row] = state;
    state -= origins[row * stateCount + state] ?? 0;
  }
  return states;
}

function describe({ width, data }: LogProbabilityRows, states: Int32Array, state: number, label: number): AlignedLabel {
  const first = states.indexOf(state);
  const last = states.lastIndexOf(state);
  const at = (row: number) => data[row * width + label] ?? Number.NEGATIVE_INFINITY;
  let peak = first;
  for (let row = first + 1; row <= last; row++) if (at(row) > at(peak)) peak = row;
  return { label, first, last, peak, peakProbability: Math.min(1, Math.exp(at(peak))) };
}
