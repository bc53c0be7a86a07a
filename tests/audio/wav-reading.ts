import { HearkenError } from '../../src/errors.ts';
import { createWavReader, type WavOptions } from '../../src/audio/wav.ts';

/** The samples of a file that is there at once. */
export function readWhole(file: Uint8Array, options: WavOptions = {}): Float32Array {
  const reader = createWavReader(options);
  const samples = reader.push(file);
  reader.end();
  return samples;
}

/** What `action` is refused with. */
export function refusalOf(action: () => unknown): { code: string; message: string } {
  try {
    action();
  } catch (error) {
    if (error instanceof HearkenError) return { code: error.code, message: error.message };
    throw error;
  }
  throw new Error('Expected a refusal');
}
