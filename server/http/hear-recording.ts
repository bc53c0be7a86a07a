import type { FinalEvent, RecognitionEvent } from '../../src/runtime/event.ts';
import { resolveGrammar } from '../../src/text/vocabulary.ts';
import type { Hearing, ServedModel } from '../engine/hearing.ts';
import type { StreamMetrics } from '../metrics.ts';

export type HeardRecording = {
  /** Its utterances, in order. */ readonly finals: readonly FinalEvent[];
  readonly durationSeconds: number;
};

/** Hears a recording from its first sample to its last, as fast as the engine takes it. `samples` are at its rate. */
export async function hearRecording(
  samples: AsyncIterable<Float32Array>,
  model: ServedModel,
  { hearing, metrics }: { readonly hearing: Hearing; readonly metrics: StreamMetrics },
): Promise<HeardRecording> {
  const stream = hearing.open({
    model: model.id,
    sampleRate: model.sampleRate,
    grammar: resolveGrammar(model.vocabulary),
  });
  const finals: FinalEvent[] = [];
  let sampleCount = 0;
  let failure: unknown;
  const keep = (events: readonly RecognitionEvent[]): void => {
    for (const event of events) if (event.type === 'final' && event.text !== '') finals.push(event);
  };
  try {
    for await (const piece of samples) {
      await stream.room();
      if (failure !== undefined) throw failure;
      sampleCount += piece.length;
      metrics.timed(stream.hear(piece.slice())).then(keep, (error: unknown) => {
        failure ??= error;
      });
    }
    keep(await metrics.timedFlush(stream.flush())); // the last of the answers, which come in order
    return { finals, durationSeconds: sampleCount / model.sampleRate };
  } finally {
    stream.close();
  }
}
