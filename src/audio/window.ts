import { HearkenError } from '../errors.ts';

/** Shapes of Kaldi's `FeatureWindowFunction`; `povey` is a Hann window to the power 0.85. */
export type WindowName = 'povey' | 'hann' | 'hamming';

/** A symmetric window, `[frameLength]`, as in Kaldi's `feature-window.cc` (periods of `frameLength - 1`). */
export function createWindow(name: WindowName, frameLength: number): Float64Array {
  const step = (2 * Math.PI) / (frameLength - 1);
  return Float64Array.from({ length: frameLength }, (_, index) => windowValue(name, step * index));
}

function windowValue(name: WindowName, phase: number): number {
  switch (name) {
    case 'povey':
      return (0.5 - 0.5 * Math.cos(phase)) ** 0.85;
    case 'hann':
      return 0.5 - 0.5 * Math.cos(phase);
    case 'hamming':
      return 0.54 - 0.46 * Math.cos(phase);
    default:
      throw new HearkenError('log-mel/window', `Expected \`window\` to be povey, hann or hamming, got ${String(name)}`);
  }
}
