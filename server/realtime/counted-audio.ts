/** The audio of one session as it comes: bytes of one format after the other become samples, and are counted. */
import { createPcmDecoder } from '../../src/audio/pcm.ts';
import { type AudioFormat, ENCODINGS } from './settings.ts';

export type CountedAudio = {
  /** The samples that `bytes` complete: one may be cut in two. */ readonly take: (bytes: Uint8Array) => Float32Array;
  /** Half a sample is forgotten. */ readonly cut: () => void;
  /** Goes on with audio of another format, in another stream. */ readonly goOn: (format: AudioFormat) => void;
  /** Received so far. */ readonly receivedMs: () => number;
  /** Received before the stream that it belongs to now. */ readonly secondsBefore: () => number;
};

export function countAudio(first: AudioFormat): CountedAudio {
  const decoderOf = ({ type }: AudioFormat): ReturnType<typeof createPcmDecoder> =>
    createPcmDecoder({ encoding: ENCODINGS[type] });
  let format = first;
  let decoder = decoderOf(first);
  let secondsBefore = 0;
  let sampleCount = 0;
  const seconds = (): number => secondsBefore + sampleCount / format.rate;
  const cut = (): void => {
    decoder = decoderOf(format);
  };
  return {
    take: (bytes) => {
      const samples = decoder.push(bytes);
      sampleCount += samples.length;
      return samples;
    },
    cut,
    goOn: (next) => {
      secondsBefore = seconds();
      sampleCount = 0;
      format = next;
      cut();
    },
    receivedMs: () => Math.round(seconds() * 1000),
    secondsBefore: () => secondsBefore,
  };
}
