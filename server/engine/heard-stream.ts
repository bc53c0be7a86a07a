import { HearkenError } from '../../src/errors.ts';
import type { RecognitionEvent } from '../../src/runtime/event.ts';
import type { EngineLink } from './engine-link.ts';
import type { Answer, StreamSnapshot, ToEngine } from './messages.ts';

/** Audio that a stream may have handed over without an answer before it must wait for room. */
const MAXIMUM_QUEUED_SECONDS = 4;
/** Requests of a stream without an answer: chunks may hold no sample at all. */
const MAXIMUM_QUEUED_REQUESTS = 256;

/** One stream of a `Hearing`. Answers come in the order of the calls. */
export type HeardStream = {
  /**
   * Hands over samples in -1..1, of any number. Their buffer is moved, not copied, so it must hold nothing else, and the
   * array is empty afterwards. Resolves when they are heard, with the events that they brought. Rejects with `stream/overflow` where the caller did not wait
   * for room, `stream/closed`, `engine/lost`, or what is wrong with the samples; then the stream is over.
   */
  readonly hear: (samples: Float32Array) => Promise<readonly RecognitionEvent[]>;
  /** Settles the utterance under way. Audio may go on after it, in the same count of seconds. */
  readonly flush: () => Promise<readonly RecognitionEvent[]>;
  /** Where the stream stands after all that was handed over before. */
  readonly snapshot: () => Promise<StreamSnapshot>;
  /** Resolves at once, or when so much has been heard that one more chunk may be handed over. Never rejects. */
  readonly room: () => Promise<void>;
  /** Handed over and not heard yet. */ readonly queuedSeconds: () => number;
  /** Forgets the stream and what was not heard yet: its promises reject with `stream/closed`. */
  readonly close: () => void;
};

export type HeardStreamOptions = {
  readonly number: number;
  /** Hz of its samples. */ readonly sampleRate: number;
  readonly link: Pick<EngineLink, 'ask' | 'post'>;
  /** Rejects what the stream still waits for. */ readonly onClose: (reason: HearkenError) => void;
};

export function openHeardStream({ number, sampleRate, link: { ask, post }, onClose }: HeardStreamOptions): HeardStream {
  const stream = number;
  let queuedSamples = 0;
  let queuedRequests = 0;
  let isClosed = false;
  let wake: (() => void)[] = [];

  const hasRoom = (): boolean =>
    isClosed || (queuedSamples < MAXIMUM_QUEUED_SECONDS * sampleRate && queuedRequests < MAXIMUM_QUEUED_REQUESTS);
  const counted = async (count: number, answer: Promise<Answer>): Promise<Answer> => {
    queuedSamples += count;
    queuedRequests++;
    try {
      return await answer;
    } finally {
      queuedSamples -= count;
      queuedRequests--;
      if (hasRoom()) {
        for (const each of wake) each();
        wake = [];
      }
    }
  };
  const closedError = (): HearkenError =>
    new HearkenError('stream/closed', 'Expected an open stream, got a closed one');

  return {
    hear: async (samples) => {
      if (isClosed) throw closedError();
      if (!hasRoom()) {
        const expected = `Expected at most ${MAXIMUM_QUEUED_SECONDS} s and ${MAXIMUM_QUEUED_REQUESTS} chunks in line`;
        throw new HearkenError('stream/overflow', `${expected}, got more without a wait for room()`);
      }
      // A shared buffer cannot be moved; `postMessage` refuses it.
      const message = (request: number): ToEngine => ({ type: 'hear', stream, request, samples });
      return eventsOf(await counted(samples.length, ask(message, [samples.buffer as ArrayBuffer])));
    },
    flush: async () => {
      if (isClosed) throw closedError();
      return eventsOf(
        await counted(
          0,
          ask((request) => ({ type: 'flush', stream, request })),
        ),
      );
    },
    snapshot: async () => {
      if (isClosed) throw closedError();
      const answer = await counted(
        0,
        ask((request) => ({ type: 'snapshot', stream, request })),
      );
      if ('snapshot' in answer) return answer.snapshot;
      throw new HearkenError('engine/failed', 'Expected a snapshot, got events');
    },
    room: () => (hasRoom() ? Promise.resolve() : new Promise((resolve) => wake.push(resolve))),
    queuedSeconds: () => queuedSamples / sampleRate,
    close: () => {
      if (isClosed) return;
      isClosed = true;
      post({ type: 'close', stream });
      onClose(closedError());
    },
  };
}

function eventsOf(answer: Answer): readonly RecognitionEvent[] {
  return 'events' in answer ? answer.events : [];
}
