/** Targets with the faults that the fuzzer is to find. */
import { HearkenError } from '../../src/errors.ts';
import type { FuzzTarget, TakeInput } from './target.ts';

function faulty(name: string, take: TakeInput): FuzzTarget {
  return { name, cases: 10, seeds: async () => [Uint8Array.of(1, 2, 3)], open: async () => take };
}

export const TARGETS: readonly FuzzTarget[] = [
  faulty('sound', () => {
    throw new HearkenError('audio/undecodable', 'refused');
  }),
  faulty('untyped', ([first]) => {
    if (first !== 1) throw new TypeError('of undefined');
  }),
  faulty('late', async () => {
    setTimeout(() => {
      throw new Error('in a callback');
    });
    await new Promise((resolve) => setTimeout(resolve, 5));
  }),
  faulty('unhandled', async () => {
    void Promise.reject(new Error('that nobody awaits'));
  }),
  faulty('greedy', () => {
    try {
      return new Float32Array(2 ** 30);
    } catch {
      throw new HearkenError('audio/undecodable', 'the excess is told all the same');
    }
  }),
  faulty('endless', (bytes) => {
    while (bytes[0] !== 1) bytes[1] = 0;
  }),
  faulty('stuck', ([first]) => (first === 1 ? undefined : new Promise(() => undefined))),
  faulty('deadly', ([first]) => {
    if (first !== 1) process.kill(process.pid, 'SIGSEGV');
  }),
];
