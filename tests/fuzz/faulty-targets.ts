/** Targets with the faults that the fuzzer is to find. */
import { HearkenError } from '../../src/errors.ts';
import { type FuzzTarget, type TakeInput, textOf } from './target.ts';

function faulty(name: string, take: TakeInput): FuzzTarget {
  return { name, cases: 10, seeds: async () => [Uint8Array.of(1, 2, 3)], open: async () => take };
}

/** A request with fields, of which one may not be null. */
const REQUEST = { config: { rate: 16_000, words: true, count: 2, model: 'codes-en', phrases: ['zero one', 'two'] } };

const fieldwise: FuzzTarget = {
  name: 'fieldwise',
  cases: 10,
  seeds: async () => [Buffer.from(JSON.stringify(REQUEST, undefined, 2)), Buffer.from('{"eof":1}')],
  open: async () => (bytes) => {
    let request: unknown;
    try {
      request = JSON.parse(textOf(bytes));
    } catch {
      throw new HearkenError('audio/undecodable', `got ${textOf(bytes)}`); // a kind of its own for each input: all become seeds
    }
    const config = (request as Partial<typeof REQUEST> | null)?.config; // where it has one
    if (typeof config?.words === 'object') Object.keys(config.words);
  },
};

export const TARGETS: readonly FuzzTarget[] = [
  fieldwise,
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
