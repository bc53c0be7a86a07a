import { readAudio } from '../audio/read-audio.ts';
import { resample } from '../audio/resample.ts';
import type { Word } from '../search/word.ts';
import type { Model, StreamOptions } from './model.ts';
import type { AudioChunks } from './stream-chunks.ts';

export type TranscribeOptions = Omit<StreamOptions, 'attention' | 'sampleRate'> & {
  /** Of samples, Hz; files know their own. Default the model's. */ readonly sampleRate?: number;
};

export type Transcript = {
  /** The words, separated by spaces. */ readonly text: string;
  /** With times in seconds from the start of the recording. */ readonly words: readonly Word[];
  readonly durationSeconds: number;
  /** Seconds of work for a second of audio: 0.02 is fifty times as fast as it was spoken. */
  readonly realTimeFactor: number;
};

/**
 * The words of a recording: the path of an audio file (WAV, and what the optional peer `audio-decode` reads), or samples
 * in -1..1. Of a file only some seconds are held at a time.
 *
 * Throws `audio/...` or `wav/...` where the file cannot be read, and as `Model.stream` does.
 */
export async function transcribe(
  model: Model,
  source: string | Float32Array,
  options: TranscribeOptions = {},
): Promise<Transcript> {
  const { sampleRate: outputRate } = model;
  const { sampleRate: inputRate = outputRate, ...streaming } = options;
  const started = performance.now();
  const chunks =
    typeof source === 'string'
      ? readAudio(source, { sampleRate: outputRate })
      : [resample(source, { inputRate, outputRate })];
  const heard = { samples: 0 };
  const words: Word[] = [];
  for await (const event of model.stream(counted(chunks, heard), streaming)) {
    if (event.type === 'final') words.push(...event.words);
  }
  const seconds = (performance.now() - started) / 1000;
  const durationSeconds = heard.samples / outputRate;
  return {
    text: words.map(({ word }) => word).join(' '),
    words,
    durationSeconds,
    realTimeFactor: durationSeconds === 0 ? 0 : seconds / durationSeconds,
  };
}

/** The same chunks; `heard` counts their samples. */
async function* counted(chunks: AudioChunks, heard: { samples: number }): AsyncGenerator<Float32Array> {
  for await (const chunk of chunks) {
    heard.samples += chunk.length;
    yield chunk;
  }
}
