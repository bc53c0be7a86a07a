import { describe, expect, test } from 'vitest';

import type { WordMessage } from '../../client/index.ts';
import {
  type Action,
  attentionOf,
  type ConsoleState,
  INITIAL_STATE,
  reduce,
  wordAt,
} from '../../console/console-state.ts';

const word = (text: string, start: number): WordMessage => ({ word: text, start, end: start + 0.3, confidence: 0.9 });
const after = (...actions: readonly Action[]): ConsoleState => actions.reduce(reduce, INITIAL_STATE);
const partial = (...words: readonly WordMessage[]): Action => ({
  type: 'event',
  event: { type: 'partial', text: '', words },
  spokenSeconds: 2,
});
const final = (offset: number, ...words: readonly WordMessage[]): Action => ({
  type: 'event',
  event: { type: 'final', offset, text: '', words, start: 0, end: 2 },
  spokenSeconds: 2,
});
const SOME_PROBLEM = { code: 'x/y', title: 'Gone', advice: 'Wait' };

describe("the page's knowledge of a stream", () => {
  test('lets a final replace the partial, and leaves out finals without words', () => {
    const one = word('one', 0.2);
    expect(after(partial(one)).partial).toEqual([one]);
    const settled = after(partial(one), final(0, one), final(1));
    expect(settled).toMatchObject({ partial: [], utterances: [{ words: [one] }] });
    expect(wordAt(settled, { utterance: 0, word: 0 })).toEqual(one);
    expect(wordAt(settled, { utterance: 1, word: 0 })).toBeUndefined();
  });

  test('tells the delay of a word when it is new, and of audio at the speed of speech only', () => {
    const [one, two] = [word('one', 0.2), word('two', 1.2)];
    expect(after(partial(one)).delaySeconds).toBeCloseTo(1.5, 6);
    expect(after(partial(one), partial(one, two)).delaySeconds).toBeCloseTo(0.5, 6);
    const later: Action = { type: 'event', event: { type: 'partial', text: '', words: [one] }, spokenSeconds: 9 };
    expect(after(partial(one), later).delaySeconds).toBeCloseTo(1.5, 6);
    const fast: Action = { ...later, spokenSeconds: undefined };
    expect(after(fast).delaySeconds).toBeUndefined();
  });

  test('keeps what words rest on beside the final before it', () => {
    const one = word('one', 0.2);
    const attention: Action = {
      type: 'event',
      event: { type: 'attention', offset: 1, edges: [0, 1, 2], words: [{ ...one, memory: [0.5, 0.5] }] },
      spokenSeconds: 2,
    };
    const { utterances } = after(final(0, one), attention);
    expect(attentionOf(utterances, { utterance: 0, word: 0 })).toEqual({
      edges: [0, 1, 2],
      word: { ...one, memory: [0.5, 0.5] },
    });
    expect(attentionOf(utterances, undefined)).toBeUndefined();
    expect(after(attention).utterances).toEqual([]);
  });

  test('counts a lost connection once, however often it is tried, and tells where the audio went on', () => {
    const lost = (at: number): Action => ({ type: 'connection', state: 'lost', reason: 'silence', at });
    const state = after({ type: 'sent', seconds: 5 }, lost(1000), lost(2000), { type: 'sent', seconds: 7 });
    expect(state.outages).toEqual([{ sentSeconds: 5, lostAt: 1000, reason: 'silence' }]);
    const back = [
      { type: 'resumed', fromSeconds: 4, at: 3000 },
      { type: 'connection', state: 'open', reason: '', at: 3000 },
    ] as const;
    const resumed = back.reduce<ConsoleState>(reduce, state);
    expect(resumed.outages[0]?.resumed).toEqual({ afterSeconds: 2, fromSeconds: 4, againSeconds: 3 });
    expect(reduce(resumed, lost(9000)).outages).toHaveLength(2);
  });

  test('begins anew once a new source is open, and keeps the words where a stream fails or a source cannot be opened', () => {
    const heard = after(final(0, word('one', 0.2)), { type: 'failed', problem: SOME_PROBLEM });
    expect(heard).toMatchObject({ activity: 'done', problem: SOME_PROBLEM });
    expect(heard.utterances).toHaveLength(1);
    const opening = reduce(heard, { type: 'opening' });
    expect(opening).toEqual({ ...heard, activity: 'opening', problem: undefined });
    expect(reduce(opening, { type: 'failed', problem: SOME_PROBLEM })).toEqual(heard);
    const listening = { activity: 'listening', connection: 'connecting', source: 'a.wav' };
    expect(reduce(opening, { type: 'listening', source: 'a.wav' })).toEqual({ ...INITIAL_STATE, ...listening });
    expect(after({ type: 'failed', problem: SOME_PROBLEM }).activity).toBe('idle');
  });
});
