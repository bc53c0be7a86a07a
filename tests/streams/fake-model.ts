import type { Model, RecognitionEvent } from '../../src/index.ts';
import { sleep } from './marbles.ts';

export type FakeModel = Pick<Model, 'stream'> & {
  /** Whether a step is under way. */ readonly isBusy: () => boolean;
  /** Reasons of the steps that were aborted. */ readonly aborted: readonly unknown[];
};

/** A model whose step takes `stepMs` of virtual time; as text it gives each chunk's first sample, then says it is final. */
export function fakeModel(stepMs: number): FakeModel {
  let isBusy = false;
  const aborted: unknown[] = [];
  return {
    isBusy: () => isBusy,
    aborted,
    async *stream(chunks, { signal } = {}) {
      let text = '';
      for await (const [first = 0] of chunks) {
        isBusy = true;
        try {
          await sleep(stepMs, signal);
        } catch (error) {
          aborted.push(error);
          throw error;
        } finally {
          isBusy = false;
        }
        if (Number.isNaN(first)) throw new Error('not a number');
        text = String(first);
        yield partial(text);
      }
      yield final(text);
    },
  };
}

export function partial(text: string): RecognitionEvent {
  return { type: 'partial', text, words: [] };
}

export function final(text: string): RecognitionEvent {
  return { type: 'final', text, words: [], start: 0, end: 0 };
}
