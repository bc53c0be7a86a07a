import type { EngineClient } from '../engine/client.ts';
import type { AudioBudget } from './client-limits.ts';

/** The same, but what its streams hear is spent from `budget`: their `room` waits for it, and may reject as it does. */
export function withAudioLimit(engine: EngineClient, budget: AudioBudget): EngineClient {
  return {
    ...engine,
    get models() {
      return engine.models; // they may be loaded again
    },
    get tokenModels() {
      return engine.tokenModels;
    },
    open: (options) => {
      const stream = engine.open(options);
      return {
        ...stream,
        room: async () => {
          await budget.room();
          await stream.room();
        },
        push: (samples) => {
          budget.spend(samples.length / options.sampleRate);
          return stream.push(samples);
        },
      };
    },
  };
}
