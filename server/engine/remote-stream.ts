import { HearkenError } from '../../src/errors.ts';
import type { RecognitionEvent } from '../../src/recognizer/events.ts';
import type { RecognizerStream } from '../../src/recognizer/recognizer.ts';
import type { StreamSamples } from '../../src/recognizer/request-queue.ts';
import {
  closedError,
  createStreamLine,
  MAXIMUM_QUEUED_SECONDS,
  MAXIMUM_QUEUED_TOKENS,
} from '../../src/recognizer/stream-line.ts';
import type { EngineLink } from './client.ts';
import type { Answer, StreamEvent, Question } from './protocol.ts';

/**
 * One stream of an `EngineClient`. The buffer of what is pushed is moved to the engine's thread where it holds nothing else, and the array is
 * empty afterwards; otherwise a copy is. `push` rejects with `engine/lost` where that thread is gone.
 */
export type RemoteStream<E extends StreamEvent = RecognitionEvent> = RecognizerStream<StreamSamples, E> & {
  /** Pushed and not recognized yet; a request counts as a sixty-fourth of a second at least. */
  readonly queuedSeconds: () => number;
};

/** How much of a stream may wait, and how that is counted. */
export type RemoteLine = {
  /** Samples or tokens without an answer before it must wait for room. */ readonly capacity: number;
  /** Seconds of audio in one sample; 0 for tokens. */ readonly secondsPerSample: number;
};

export function audioLine(sampleRate: number): RemoteLine {
  return { capacity: MAXIMUM_QUEUED_SECONDS * sampleRate, secondsPerSample: 1 / sampleRate };
}

export const TOKEN_LINE: RemoteLine = { capacity: MAXIMUM_QUEUED_TOKENS, secondsPerSample: 0 };

export type RemoteStreamOptions = {
  readonly number: number;
  readonly line: RemoteLine;
  readonly link: Pick<EngineLink, 'ask' | 'post'>;
  /** Rejects what the stream still waits for. */ readonly onClose: (reason: HearkenError) => void;
};

/** `E` is what the stream's model tells. */
export function openRemoteStream<E extends StreamEvent>(options: RemoteStreamOptions): RemoteStream<E> {
  const { number: stream, link, onClose } = options;
  const { capacity, secondsPerSample } = options.line;
  const line = createStreamLine({ capacity });
  let isClosed = false;
  const toEvents = (answer: Answer): readonly E[] => eventsOf(answer) as readonly E[]; // a model tells what its kind does
  const ask = async (count: number, ...request: Parameters<EngineLink['ask']>): Promise<Answer> => {
    if (isClosed) throw closedError();
    const leave = line.enter(count);
    try {
      return await link.ask(...request);
    } finally {
      leave();
    }
  };

  return {
    push: async (samples) => {
      if (!isClosed) line.assertRoom();
      const own = holdsOnly(samples) ? samples : samples.slice();
      const message = (request: number): Question => ({ type: 'push', stream, request, samples: own });
      return toEvents(await ask(own.length, message, [own.buffer as ArrayBuffer])); // it was looked at, or is a copy
    },
    flush: async () => toEvents(await ask(0, (request) => ({ type: 'flush', stream, request }))),
    snapshot: async () => {
      const answer = await ask(0, (request) => ({ type: 'snapshot', stream, request }));
      if ('snapshot' in answer) return answer.snapshot;
      throw new HearkenError('engine/failed', 'Expected a snapshot, got events');
    },
    room: line.room,
    queuedSeconds: () => line.samples() * secondsPerSample,
    close: () => {
      if (isClosed) return;
      isClosed = true;
      line.close();
      link.post({ type: 'close', stream });
      onClose(closedError());
    },
  };
}

/** Whether the samples' buffer can be moved and nothing else goes with it. */
function holdsOnly({ buffer, byteLength }: StreamSamples): boolean {
  return buffer instanceof ArrayBuffer && buffer.byteLength === byteLength;
}

function eventsOf(answer: Answer): readonly StreamEvent[] {
  return 'events' in answer ? answer.events : [];
}
