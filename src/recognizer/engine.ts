/** What all streams of a model share: its configuration, its executor, the tables of its audio front. Never a stream. */
import { type Executor, zeroStates } from '../cell/executor.ts';
import type { SeenMemoryConfig } from '../memory/state.ts';
import type { RecognizerConfig } from '../model/speech-config.ts';
import type { HostArrays } from '../tensor/host-array.ts';
import type { EncodeSizes } from './encode.ts';
import { type AudioFront, createAudioFront } from './front-end.ts';

export type Engine = {
  readonly config: RecognizerConfig;
  readonly executor: Executor;
  /** Identifies the model by its contents: a stream's snapshot is refused by a model of another fingerprint. */
  readonly fingerprint: string;
  readonly front: AudioFront;
  readonly sizes: EncodeSizes;
  /** The encoder's `state.*` arrays at a stream's start, each `[1, ...]`. */ readonly encoderStart: HostArrays;
  /** Seconds from one vector to the next. */ readonly secondsPerVector: number;
  /**
   * From what the memory's summaries are hidden, to measure what they give: set by evaluations alone, and kept in no snapshot.
   * Default: from nothing.
   */
  readonly hidden?: HiddenFrom | undefined;
};

/** What is kept from seeing summaries: the read of every vector, which CTC's rows come from; the attention decoder; or both. */
export type HiddenFrom = 'read' | 'decoder' | 'both';

export const HIDDEN_FROM: readonly HiddenFrom[] = ['read', 'decoder', 'both'];

/** The memory as the read, or the attention decoder, sees it. */
export function memorySeenBy({ config, hidden }: Engine, reader: Exclude<HiddenFrom, 'both'>): SeenMemoryConfig {
  return hidden === reader || hidden === 'both' ? { ...config.memory, hidesSummaries: true } : config.memory;
}

/** A model to make an engine of. `executor` runs its cells and stays the caller's to dispose of. */
export type EngineModel = Pick<Engine, 'config' | 'executor' | 'fingerprint'>;

/**
 * Makes an engine of a loaded model. Throws `executor/unknown-cell` or `executor/graph` where the encoder cannot be
 * had.
 */
export async function createEngine(model: EngineModel): Promise<Engine> {
  const { features, encoder, memory } = model.config;
  return {
    ...model,
    front: createAudioFront(model.config),
    sizes: { frameDepth: features.bandCount * encoder.frameStack, depth: memory.depth },
    encoderStart: zeroStates(await model.executor.inputs('encode'), { B: 1 }),
    secondsPerVector: (features.hopLength * encoder.frameStack) / features.sampleRate,
  };
}
