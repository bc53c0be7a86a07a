import type { FinalEvent, Model, RecognitionEvent, StreamOptions } from '../src/index.ts';
import { streamChannels } from '../src/runtime/stream-channels.ts';
import type { Recording } from './recording.ts';

export type HearingOptions = Omit<StreamOptions, 'sampleRate'> & {
  /** Called with every piece that is heard, at the model's rate; not where each channel is heard alone. */
  readonly onSamples: (samples: Float32Array) => void;
  /** Called whenever more has been read. */ readonly onProgress: () => void;
};

/**
 * What is heard of a recording. Where each channel is heard alone, words have theirs, and finals come when all is heard, in the
 * order in which they begin.
 */
export async function* heardEvents(
  model: Model,
  { sound }: Recording,
  { onSamples, onProgress, ...options }: HearingOptions,
): AsyncGenerator<RecognitionEvent, void, undefined> {
  if ('samples' in sound) {
    const samples = watched(sound.samples, (piece) => {
      onSamples(piece);
      onProgress();
    });
    yield* model.stream(samples, options);
    return;
  }
  const finals: FinalEvent[] = [];
  for await (const { channel, event } of streamChannels(model, watched(sound.channels, onProgress), options)) {
    if (event.type !== 'final') yield event;
    else finals.push({ ...event, words: event.words.map((word) => ({ ...word, channel })) });
  }
  yield* finals.toSorted((a, b) => a.start - b.start);
}

async function* watched<T>(pieces: AsyncIterable<T>, onPiece: (piece: T) => void): AsyncGenerator<T> {
  for await (const piece of pieces) {
    onPiece(piece);
    yield piece;
  }
}
