/** A file that the browser decodes, given out as it was spoken or as fast as it is taken. */
import { ConsoleError } from '../console-error.ts';
import { type AudioSource, CHUNK_SECONDS } from './source.ts';

export type Pace = 'spoken' | 'fast';

/** Beyond this, decoding would take too much of the browser's memory: about two hours of MP3. */
const MAXIMUM_BYTES = 256 * 1024 * 1024;

/** Decodes the whole of `file` to one channel at `sampleRate`. Throws `console/file-...`. */
export async function openRecording(file: File, sampleRate: number, pace: Pace): Promise<AudioSource> {
  if (file.size > MAXIMUM_BYTES) {
    throw new ConsoleError('console/file-size', `Expected a file of at most 256 MB, got ${file.name}`);
  }
  const samples = await decode(file, sampleRate);
  const stopping = new AbortController();
  async function* read(): AsyncGenerator<Float32Array> {
    const length = Math.round(CHUNK_SECONDS * sampleRate);
    const started = performance.now();
    for (let start = 0; start < samples.length && !stopping.signal.aborted; start += length) {
      const chunk = samples.slice(start, start + length);
      // Spoken: a piece is there when its last sample is. Fast: the page is drawn between two pieces.
      const due = pace === 'spoken' ? started + ((start + chunk.length) / sampleRate) * 1000 : 0;
      await new Promise((resolve) => setTimeout(resolve, Math.max(0, due - performance.now())));
      yield chunk;
    }
  }
  return { sampleRate, chunks: read(), isLive: pace === 'spoken', stop: () => stopping.abort() };
}

async function decode(file: File, sampleRate: number): Promise<Float32Array> {
  try {
    const context = new OfflineAudioContext(1, 1, sampleRate);
    const audio = await context.decodeAudioData(await file.arrayBuffer());
    return mixDown(audio);
  } catch (cause) {
    throw new ConsoleError('console/file-format', `Expected audio that this browser decodes, got ${file.name}`, {
      cause,
    });
  }
}

/** The mean of all channels. */
function mixDown(audio: AudioBuffer): Float32Array {
  const mixed = new Float32Array(audio.length);
  for (let channel = 0; channel < audio.numberOfChannels; channel++) {
    const samples = audio.getChannelData(channel);
    for (let index = 0; index < samples.length; index++) {
      mixed[index] = mixed[index]! + samples[index]! / audio.numberOfChannels;
    }
  }
  return mixed;
}
