import { createBoundedQueue } from '../../src/queue/bounded-queue.ts';
import { ConsoleError } from '../console-error.ts';

/** Pieces that a device pushes, until they are asked for. */
export type ChunkQueue = {
  readonly push: (chunk: Float32Array) => void;
  /** Ends the iteration after what is waiting. */ readonly end: () => void;
  /** The chunks, for one reader. Throws `console/behind` once more than the limit would wait: nothing is left out. */
  readonly chunks: AsyncIterable<Float32Array>;
};

export function createChunkQueue(limitSamples: number): ChunkQueue {
  const queue = createBoundedQueue<Float32Array>({ policy: 'block', capacity: limitSamples });
  let isOver = false;
  const end = (error?: ConsoleError): void => {
    if (error === undefined) queue.end();
    else queue.close(error);
    isOver = true;
  };
  return {
    push: (chunk) => {
      if (isOver || queue.offer(chunk)) return;
      end(new ConsoleError('console/behind', 'Expected the server to keep up with the microphone'));
    },
    end: () => end(),
    chunks: queue,
  };
}
