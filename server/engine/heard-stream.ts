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

export function openHeardStream({ number: stream, sampleRate, link, onClose }: HeardStreamOptions): HeardStream {
  const line = createLine(MAXIMUM_QUEUED_SECONDS * sampleRate);
  let isClosed = false;
  const ask = async (count: number, ...asked: Parameters<EngineLink['ask']>): Promise<Answer> => {
    if (isClosed) throw closedError();
    const leave = line.enter(count);
    try {
      return await link.ask(...asked);
    } finally {
      leave();
    }
  };

  return {
    hear: async (samples) => {
      if (!isClosed && !line.hasRoom()) {
        const expected = `Expected at most ${MAXIMUM_QUEUED_SECONDS} s and ${MAXIMUM_QUEUED_REQUESTS} chunks in line`;
        throw new HearkenError('stream/overflow', `${expected}, got more without a wait for room()`);
      }
      const message = (request: number): ToEngine => ({ type: 'hear', stream, request, samples });
      // A shared buffer cannot be moved; `postMessage` refuses it.
      return eventsOf(await ask(samples.length, message, [samples.buffer as ArrayBuffer]));
    },
    flush: async () => eventsOf(await ask(0, (request) => ({ type: 'flush', stream, request }))),
    snapshot: async () => {
      const answer = await ask(0, (request) => ({ type: 'snapshot', stream, request }));
      if ('snapshot' in answer) return answer.snapshot;
      throw new HearkenError('engine/failed', 'Expected a snapshot, got events');
    },
    room: () => (isClosed ? Promise.resolve() : line.room()),
    queuedSeconds: () => line.samples() / sampleRate,
    close: () => {
      if (isClosed) return;
      isClosed = true;
      link.post({ type: 'close', stream });
      onClose(closedError());
    },
  };
}

type Line = {
  readonly hasRoom: () => boolean;
  readonly room: () => Promise<void>;
  readonly samples: () => number;
  /** Counts a request in; the returned function counts it out. */ readonly enter: (samples: number) => () => void;
};

/** Counts what waits for an answer. */
function createLine(maximumSamples: number): Line {
  let samples = 0;
  let requests = 0;
  let wake: (() => void)[] = [];
  const hasRoom = (): boolean => samples < maximumSamples && requests < MAXIMUM_QUEUED_REQUESTS;
  return {
    hasRoom,
    room: () => (hasRoom() ? Promise.resolve() : new Promise((resolve) => wake.push(resolve))),
    samples: () => samples,
    enter: (count) => {
      samples += count;
      requests++;
      return () => {
        samples -= count;
        requests--;
        if (!hasRoom()) return;
        for (const each of wake) each();
        wake = [];
      };
    },
  };
}

function closedError(): HearkenError {
  return new HearkenError('stream/closed', 'Expected an open stream, got a closed one');
}

function eventsOf(answer: Answer): readonly RecognitionEvent[] {
  return 'events' in answer ? answer.events : [];
}
