import type { RecognitionEvent, Recognizer, RecognizerStream } from '../../src/index.ts';
import { closedError } from '../../src/recognizer/stream-line.ts';
import { sleep } from './marbles.ts';

export type FakeRecognizer = Recognizer<undefined, Omit<RecognizerStream, 'snapshot'>> & {
  /** Whether a step is under way. */ readonly isBusy: () => boolean;
  /** Reasons of the steps that were aborted. */ readonly aborted: readonly unknown[];
  /** Streams that are open. */ readonly openCount: () => number;
};

export type FakeOptions = {
  /** Chunks that may be given without an answer. Default 1: each waits for the one before, as in a model of this process. */
  readonly ahead?: number;
};

/** Whose step takes `stepMs` of virtual time, one after the other; as text it gives each chunk's first sample, then says it is final. */
export function fakeRecognizer(stepMs: number, { ahead = 1 }: FakeOptions = {}): FakeRecognizer {
  let busy = 0;
  let openCount = 0;
  const aborted: unknown[] = [];
  const open = (): Omit<RecognizerStream, 'snapshot'> => {
    const closing = new AbortController();
    const waiting: Promise<unknown>[] = [];
    let text = '';
    openCount++;
    const step = async (before: Promise<unknown> | undefined, first: number): Promise<RecognitionEvent[]> => {
      await before;
      busy++;
      try {
        await sleep(stepMs, closing.signal);
      } catch (error) {
        aborted.push(error);
        throw error;
      } finally {
        busy--;
      }
      if (Number.isNaN(first)) throw new Error('not a number');
      text = String(first);
      return [partial(text)];
    };
    return {
      push: ([first = 0]) => {
        const done = step(waiting.at(-1), first);
        const over = done
          .catch(() => undefined)
          .then(() => {
            void waiting.shift();
            return undefined;
          });
        waiting.push(over);
        return done;
      },
      flush: async () => {
        await waiting.at(-1);
        return [final(text)];
      },
      room: async () => {
        while (waiting.length >= ahead) await waiting[0];
      },
      close: () => {
        if (!closing.signal.aborted) openCount--;
        closing.abort(closedError());
      },
    };
  };
  return { isBusy: () => busy > 0, aborted, openCount: () => openCount, open };
}

export function partial(text: string): RecognitionEvent {
  return { type: 'partial', text, words: [] };
}

export function final(text: string): RecognitionEvent {
  return { type: 'final', text, words: [], start: 0, end: 0 };
}
