import type { Model, RecognitionEvent, StreamOptions } from '../src/index.ts';
import { streamChannels } from '../src/recognizer/stream-channels.ts';
import type { Recording } from './recording.ts';

export type FileEventsOptions = Omit<StreamOptions, 'sampleRate'> & {
  /** Called with every piece that is heard, at the model's rate; not where each channel is heard alone. */
  readonly onSamples: (samples: Float32Array) => void;
  /** Called whenever more has been read. */ readonly onProgress: () => void;
};

/** What is heard of a recording. Where each channel is heard alone, words have theirs, and events of all come as they are settled. */
export async function* heardEvents(
  model: Model,
  { sound }: Recording,
  { onSamples, onProgress, ...options }: FileEventsOptions,
): AsyncGenerator<RecognitionEvent, void, undefined> {
  if ('samples' in sound) {
    const samples = watched(sound.samples, (piece) => {
      onSamples(piece);
      onProgress();
    });
    yield* model.stream(samples, options);
    return;
  }
  for await (const { channel, event } of streamChannels(model, watched(sound.channels, onProgress), options)) {
    if (event.type !== 'final') yield event;
    else yield { ...event, words: event.words.map((word) => ({ ...word, channel })) };
  }
}

async function* watched<T>(pieces: AsyncIterable<T>, onPiece: (piece: T) => void): AsyncGenerator<T> {
  for await (const piece of pieces) {
    onPiece(piece);
    yield piece;
  }
}
