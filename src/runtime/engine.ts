/** What all streams of a model share: its configuration, its executor, the tables of its audio front. Never a stream. */
import type { ModelConfig } from '../model/config.ts';
import type { HostArrays } from '../tensor/host-array.ts';
import { type AudioFront, createAudioFront } from './audio-front.ts';
import type { EncodeSizes } from './encode-together.ts';
import type { Executor } from './executor.ts';
import { zeroStates } from './zero-states.ts';

export type Engine = {
  readonly config: ModelConfig;
  readonly executor: Executor;
  /** Tells models apart: a stream's state is worth nothing to another model. */ readonly fingerprint: string;
  readonly front: AudioFront;
  readonly sizes: EncodeSizes;
  /** The encoder's `state.*` arrays at a stream's start, `[1, ...]`. */ readonly encoderStart: HostArrays;
  /** From one vector to the next. */ readonly secondsPerVector: number;
};

/** A model to stream with. `executor` runs its cells and stays the caller's to dispose of. */
export type EngineModel = Pick<Engine, 'config' | 'executor' | 'fingerprint'>;

/** Throws `executor/unknown-cell` or `executor/graph` where the encoder cannot be had. */
export async function createEngine(model: EngineModel): Promise<Engine> {
  const { features, encoder, memory } = model.config;
  return {
    ...model,
    front: createAudioFront(model.config),
    sizes: { frameDepth: features.bandCount * encoder.stack, depth: memory.depth },
    encoderStart: zeroStates(await model.executor.inputs('encode'), { B: 1 }),
    secondsPerVector: (features.hopLength * encoder.stack) / features.sampleRate,
  };
}
