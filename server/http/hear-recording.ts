import type { DecodedPiece } from '../../src/audio/channels.ts';
import type { FinalEvent, RecognitionEvent } from '../../src/runtime/event.ts';
import { resolveGrammar } from '../../src/text/vocabulary.ts';
import type { HeardStream, Hearing, ServedModel } from '../engine/hearing.ts';
import type { StreamMetrics } from '../metrics.ts';

export type HeardRecording = {
  /** Its utterances, in order. */ readonly finals: readonly FinalEvent[];
  readonly durationSeconds: number;
};

/** Hears a recording from its first sample to its last, as fast as the engine takes it. Throws `audio/sample-rate`. */
export async function hearRecording(
  pieces: AsyncIterable<DecodedPiece>,
  model: ServedModel,
  { hearing, metrics }: { readonly hearing: Hearing; readonly metrics: StreamMetrics },
): Promise<HeardRecording> {
  const finals: FinalEvent[] = [];
  const keep = (events: readonly RecognitionEvent[]): void => {
    for (const event of events) if (event.type === 'final' && event.text !== '') finals.push(event);
  };
  let opened: { readonly stream: HeardStream; readonly sampleRate: number } | undefined;
  let sampleCount = 0;
  let failure: unknown;
  try {
    for await (const { samples, sampleRate } of pieces) {
      opened ??= { stream: openStream(hearing, model, sampleRate), sampleRate };
      await opened.stream.room();
      if (failure !== undefined) throw failure;
      sampleCount += samples.length;
      metrics.timed(opened.stream.hear(samples.slice())).then(keep, (error: unknown) => {
        failure ??= error;
      });
    }
    if (opened === undefined) return { finals, durationSeconds: 0 };
    keep(await metrics.timedFlush(opened.stream.flush())); // the last of the answers, which come in order
    return { finals, durationSeconds: sampleCount / opened.sampleRate };
  } finally {
    opened?.stream.close();
  }
}

/** At the recording's own rate: it is converted on the engine's thread. */
function openStream(hearing: Hearing, chosen: ServedModel, sampleRate: number): HeardStream {
  const { id, vocabulary } = hearing.models.find(({ id: served }) => served === chosen.id) ?? chosen; // perhaps loaded again since
  return hearing.open({ model: id, sampleRate, grammar: resolveGrammar(vocabulary) });
}
