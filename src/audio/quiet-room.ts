/**
 * What is heard of digital silence: a muted microphone, or a line that sends nothing in pauses, holds no sound at all, which
 * no model was trained on and from which any room is a bang. It is heard as the quietest room of training.
 */
import { Random } from '../tensor/random.ts';
import { type LogMelConfig, logMel } from './log-mel.ts';

/** The quietest background of training: white noise, dB below full scale. */
const QUIET_ROOM_DB = -65;

/**
 * A frame of less mean log energy holds no more than the last three bits of 16-bit samples: as white noise those make -12.5 to
 * -12.8, the last four -11.6 to -11.9, and nothing at all the energy floor.
 */
const DIGITAL_SILENCE = -12.2;

/** `[frames, bands]` -> the same frames, the digitally silent ones replaced by those of a quiet room. */
export type QuietRoom = (frames: Float32Array) => Float32Array;

export function createQuietRoom(config: LogMelConfig): QuietRoom {
  const bands = config.bandCount;
  const room = roomFrame(config);
  return (frames) => {
    const filled = frames.slice();
    for (let start = 0; start < frames.length; start += bands) {
      if (isDigitallySilent(frames.subarray(start, start + bands))) filled.set(room, start);
    }
    return filled;
  };
}

/** Mean log energies `[bands]` of a second of the room. */
function roomFrame(config: LogMelConfig): Float32Array {
  const random = Random.seeded(1);
  const level = 10 ** (QUIET_ROOM_DB / 20);
  const frames = logMel(
    config,
    Float32Array.from({ length: config.sampleRate }, () => level * random.normal()),
  );
  const count = frames.length / config.bandCount;
  return Float32Array.from({ length: config.bandCount }, (_, band) => {
    let sum = 0;
    for (let row = 0; row < count; row++) sum += frames[row * config.bandCount + band]!;
    return sum / count;
  });
}

function isDigitallySilent(frame: Float32Array): boolean {
  let sum = 0;
  for (const energy of frame) sum += energy;
  return sum < DIGITAL_SILENCE * frame.length;
}
