import type { ChannelSelection } from '../../src/audio/pcm.ts';
import { createSoundFileReader, type SoundFileContainer, type SoundFileReader } from '../../src/audio/sound-file.ts';
import { HearkenError } from '../../src/errors.ts';
import { join } from './chunking.ts';

type Options = { readonly container?: SoundFileContainer; readonly channel?: ChannelSelection };

export function openReader(options: Options = {}): SoundFileReader {
  return createSoundFileReader({ container: 'wav', ...options });
}

/** The samples of a file that is there at once. Throws what is wrong with them. */
export function readWhole(file: Uint8Array, options: Options = {}): Float32Array {
  const { samples, damage } = readAll([file], options);
  if (damage !== undefined) throw damage;
  return samples;
}

/** The samples of a file in pieces, and what is wrong with them. Throws what is wrong before them. */
export function readAll(
  pieces: readonly Uint8Array[],
  options: Options = {},
): { samples: Float32Array; damage: HearkenError | undefined } {
  const reader = openReader(options);
  const samples = join([...pieces.map(reader.push), reader.finish()]);
  return { samples, damage: reader.damage() };
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
