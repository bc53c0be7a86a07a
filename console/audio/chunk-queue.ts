import { ConsoleError } from '../console-error.ts';

/** Pieces that a device pushes, until they are asked for. */
export type ChunkQueue = {
  readonly push: (chunk: Float32Array) => void;
  /** Ends the iteration after what is waiting. */ readonly end: () => void;
  /** For one reader. Throws `console/behind` once more than the limit has been waiting: nothing is left out. */
  readonly chunks: AsyncIterable<Float32Array>;
};

export function createChunkQueue(limitSamples: number): ChunkQueue {
  const waiting: Float32Array[] = [];
  let samples = 0;
  let isEnded = false;
  let isBehind = false;
  let wake: () => void = () => undefined;
  async function* read(): AsyncGenerator<Float32Array> {
    for (;;) {
      if (isBehind) throw new ConsoleError('console/behind', 'Expected the server to keep up with the microphone');
      const chunk = waiting.shift();
      if (chunk !== undefined) {
        samples -= chunk.length;
        yield chunk;
      } else if (isEnded) return;
      else {
        await new Promise<void>((resolve) => {
          wake = resolve;
        });
      }
    }
  }
  return {
    push: (chunk) => {
      if (isEnded || isBehind) return;
      waiting.push(chunk);
      samples += chunk.length;
      isBehind = samples > limitSamples;
      wake();
    },
    end: () => {
      isEnded = true;
      wake();
    },
    chunks: read(),
  };
}
