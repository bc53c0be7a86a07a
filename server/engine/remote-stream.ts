import { HearkenError } from '../../src/errors.ts';
import { createBoundedQueue } from '../../src/queue/bounded-queue.ts';
import type { RecognitionEvent } from '../../src/recognizer/events.ts';
import type { RecognizerStream } from '../../src/recognizer/recognizer.ts';
import type { EngineLink } from './client.ts';
import type { StreamSamples } from './request-queue.ts';
import type { Answer, StreamEvent, Question } from './protocol.ts';

/** Audio that a stream may have handed over without an answer before it must wait for room. */
const MAXIMUM_QUEUED_SECONDS = 4;
/** Requests of a stream without an answer: chunks may hold no sample at all, so each counts as a part of the capacity at least. */
const MAXIMUM_QUEUED_REQUESTS = 256;

/**
 * One stream of an `EngineClient`. The buffer of what is pushed is moved to the engine's thread, not copied, so it must hold nothing else, and the
 * array is empty afterwards. `push` rejects with `engine/lost` where that thread is gone.
 */
export type RemoteStream<E extends StreamEvent = RecognitionEvent> = RecognizerStream<StreamSamples, E> & {
  /** Pushed and not recognized yet; a request counts as a sixty-fourth of a second at least. */
  readonly queuedSeconds: () => number;
};

/** What of a stream may wait, and how that is counted. */
export type StreamLine = {
  /** Samples or tokens without an answer before it must wait for room. */ readonly capacity: number;
  /** Of audio; 0 in tokens. */ readonly secondsPerSample: number;
};

export function audioLine(sampleRate: number): StreamLine {
  return { capacity: MAXIMUM_QUEUED_SECONDS * sampleRate, secondsPerSample: 1 / sampleRate };
}

export const TOKEN_LINE: StreamLine = { capacity: 1 << 14, secondsPerSample: 0 };

export type RemoteStreamOptions = {
  readonly number: number;
  readonly line: StreamLine;
  readonly link: Pick<EngineLink, 'ask' | 'post'>;
  /** Rejects what the stream still waits for. */ readonly onClose: (reason: HearkenError) => void;
};

/** `E` is what the stream's model tells. */
export function openRemoteStream<E extends StreamEvent>(options: RemoteStreamOptions): RemoteStream<E> {
  const { number: stream, link, onClose } = options;
  const { capacity, secondsPerSample } = options.line;
  /** Samples of the requests without an answer; answers come in their order. */
  const line = createBoundedQueue<number>({
    policy: 'block',
    capacity,
    sizeOf: (count) => Math.max(count, capacity / MAXIMUM_QUEUED_REQUESTS),
  });
  let isClosed = false;
  const told = (answer: Answer): readonly E[] => eventsOf(answer) as readonly E[]; // a model tells what its kind does
  const ask = async (count: number, ...request: Parameters<EngineLink['ask']>): Promise<Answer> => {
    if (isClosed) throw closedError();
    line.put(count);
    try {
      return await link.ask(...request);
    } finally {
      line.take();
    }
  };

  return {
    push: async (samples) => {
      if (!isClosed && line.gauge.fill >= capacity) {
        const expected = `Expected at most ${capacity} samples and ${MAXIMUM_QUEUED_REQUESTS} chunks in line`;
        throw new HearkenError('stream/overflow', `${expected}, got more without a wait for room()`);
      }
      const message = (request: number): Question => ({ type: 'push', stream, request, samples });
      // A shared buffer cannot be moved; `postMessage` refuses it.
      return told(await ask(samples.length, message, [samples.buffer as ArrayBuffer]));
    },
    flush: async () => told(await ask(0, (request) => ({ type: 'flush', stream, request }))),
    snapshot: async () => {
      const answer = await ask(0, (request) => ({ type: 'snapshot', stream, request }));
      if ('snapshot' in answer) return answer.snapshot;
      throw new HearkenError('engine/failed', 'Expected a snapshot, got events');
    },
    room: line.room,
    queuedSeconds: () => line.gauge.fill * secondsPerSample,
    close: () => {
      if (isClosed) return;
      isClosed = true;
      line.close();
      link.post({ type: 'close', stream });
      onClose(closedError());
    },
  };
}

function closedError(): HearkenError {
  return new HearkenError('stream/closed', 'Expected an open stream, got a closed one');
}

function eventsOf(answer: Answer): readonly StreamEvent[] {
  return 'events' in answer ? answer.events : [];
}
