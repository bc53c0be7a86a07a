import fc from 'fast-check';
import { describe, expect, test } from 'vitest';

import { inLockstep, type LockstepTask } from '../../src/decoder/lockstep.ts';

/** A task that asks for each of `numbers` in turn and resolves to what it was answered. */
function asking(numbers: readonly number[]): LockstepTask<number, number, number[]> {
  return async (ask) => {
    const answers: number[] = [];
    for (const number of numbers) answers.push(await ask(number));
    return answers;
  };
}

describe('tasks in lockstep', () => {
  test('make as many calls as the longest of them asks, and each gets its own answers', async () => {
    const property = fc.asyncProperty(fc.array(fc.array(fc.nat())), async (tasks) => {
      const calls: number[] = [];
      const results = await inLockstep(tasks.map(asking), async (requests) => {
        calls.push(requests.length);
        return requests.map((request) => 2 * request);
      });
      const doubled = tasks.map((numbers) => ({ status: 'fulfilled', value: numbers.map((number) => 2 * number) }));
      expect(results).toEqual(doubled);
      expect(calls).toHaveLength(Math.max(0, ...tasks.map(({ length }) => length)));
      expect(calls).toEqual(calls.map((_, step) => tasks.filter(({ length }) => length > step).length));
    });
    await fc.assert(property);
  });

  test('lose only the one whose request cannot be answered', async () => {
    const refuse = new Error('13');
    const results = await inLockstep([asking([1, 2]), asking([1, 13, 3]), asking([1, 2, 3])], async (requests) => {
      if (requests.includes(13)) throw refuse;
      return requests;
    });
    expect(results).toEqual([
      { status: 'fulfilled', value: [1, 2] },
      { status: 'rejected', reason: refuse },
      { status: 'fulfilled', value: [1, 2, 3] },
    ]);
  });

  test('do not wait for one that fails before it asks, or never asks', async () => {
    const fails: LockstepTask<number, number, number[]> = () => Promise.reject(new Error('early'));
    const results = await inLockstep([asking([5]), fails, asking([])], async (requests) => requests);
    expect(results.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'fulfilled']);
  });

  test('are told of answers that are not as many as requests', async () => {
    const [result] = await inLockstep([asking([1])], async () => []);
    expect(result).toMatchObject({ status: 'rejected', reason: { code: 'lockstep/answers' } });
  });
});
