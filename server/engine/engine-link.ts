/** The main thread's end of the engine's thread: questions with numbers go over, their answers come back. */
import type { Worker } from 'node:worker_threads';

import { HearkenError } from '../../src/errors.ts';
import { fromFailure } from './failure.ts';
import type { AnyServedModel, Answer, BatchReport, FromEngine, Question, ToEngine } from './messages.ts';

/** Its disposal waits for the batch that is being computed: a thread that is killed within one takes the process with it. */
export type EngineLink = AsyncDisposable & {
  /** Resolves when the models are loaded. */ readonly models: Promise<readonly AnyServedModel[]>;
  /** For streams and requests; never the same one twice. */ readonly nextNumber: () => number;
  /** Says something that has no answer; nothing once the thread is lost. */ readonly post: (message: ToEngine) => void;
  /** Rejects with what went wrong there, with `engine/lost`, or as `abandon` says. `moved` is given away. */
  readonly ask: (messageOf: (request: number) => Question, moved?: readonly ArrayBuffer[]) => Promise<Answer>;
  /** Rejects everything that a stream waits for. */
  readonly abandon: (stream: number, reason: HearkenError) => void;
};

export type EngineLinkOptions = {
  readonly onBatch?: ((report: BatchReport) => void) | undefined;
  /** The old weights of a model are freed. */ readonly onFreed?:
    | ((model: string, version: string) => void)
    | undefined;
  /** The thread ended by itself. */ readonly onLost?: ((error: HearkenError) => void) | undefined;
};

type Waiting = {
  /** None for what is asked of the whole thread. */ readonly stream: number | undefined;
  readonly resolve: (answer: Answer) => void;
  readonly reject: (error: HearkenError) => void;
};

export function linkEngine(worker: Worker, { onBatch, onFreed, onLost }: EngineLinkOptions): EngineLink {
  const waiting = new Map<number, Waiting>();
  let lastNumber = 0;
  let lost: HearkenError | undefined;

  const lose = (reason: string): HearkenError => {
    lost = new HearkenError('engine/lost', `Expected the engine's thread to go on, got ${reason}`);
    for (const { reject } of waiting.values()) reject(lost);
    waiting.clear();
    return lost;
  };
  const exited = new Promise<void>((resolve) => worker.once('exit', () => resolve()));
  const models = new Promise<readonly AnyServedModel[]>((resolve, reject) => {
    const end = (reason: string): void => {
      if (lost !== undefined) return;
      const error = lose(reason);
      reject(error);
      onLost?.(error);
    };
    worker.on('message', (message: FromEngine) => {
      if (message.type === 'loaded') resolve(message.models);
      else if (message.type === 'refused') reject(fromFailure(message.failure));
      else if (message.type === 'freed') onFreed?.(message.model, message.version);
      else {
        for (const answer of message.answers) settle(waiting, answer);
        if (message.batch !== undefined) onBatch?.(message.batch);
      }
    });
    worker.on('error', (error: unknown) => end(error instanceof Error ? error.message : String(error)));
    worker.on('exit', (code) => end(`exit code ${code}`));
  });

  return {
    models,
    nextNumber: () => ++lastNumber,
    post: (message) => {
      // oxlint-disable-next-line unicorn/require-post-message-target-origin -- a worker thread, not a window
      if (lost === undefined) worker.postMessage(message);
    },
    ask: async (messageOf, moved = []) => {
      if (lost !== undefined) throw lost;
      const request = ++lastNumber;
      const message = messageOf(request);
      worker.postMessage(message, moved); // what cannot be moved is refused here, and waits for nothing
      return new Promise((resolve, reject) =>
        waiting.set(request, { stream: 'stream' in message ? message.stream : undefined, resolve, reject }),
      );
    },
    abandon: (stream, reason) => {
      for (const [request, one] of waiting) {
        if (one.stream !== stream) continue;
        waiting.delete(request);
        one.reject(reason);
      }
    },
    [Symbol.asyncDispose]: async () => {
      lose('its end');
      worker.postMessage({ type: 'end' } satisfies ToEngine, []);
      await exited;
    },
  };
}

function settle(waiting: Map<number, Waiting>, answer: Answer): void {
  const one = waiting.get(answer.request);
  waiting.delete(answer.request);
  if ('failure' in answer) one?.reject(fromFailure(answer.failure));
  else one?.resolve(answer);
}
