import fc from 'fast-check';
import { expect, test } from 'vitest';

import {
  drawExpression,
  drawNode,
  type Expression,
  listOpsExample,
  MOST_DEPTH,
  MOST_OPERANDS,
  SYMBOLS,
  TOKENS,
  tokenCount,
  tokensOf,
  valueOf,
} from '../../models/long-range/list-ops/expression.ts';
import { Random } from '../../src/tensor/random.ts';

const seed = fc.integer({ min: 0, max: 0xffffffff });

/** The value of tokens as they are written, by a stack: nothing of the tree is asked. */
function evaluate(text: string): number {
  const stack: { readonly operator: string; readonly values: number[] }[] = [{ operator: 'whole', values: [] }];
  for (const token of text.split(' ')) {
    if (token.startsWith('[')) stack.push({ operator: token.slice(1), values: [] });
    else if (token === ']') {
      const { operator, values } = stack.pop()!;
      const sorted = [...values].sort((a, b) => a - b); // oxlint-disable-line unicorn/no-array-sort -- its own copy
      const half = Math.trunc(sorted.length / 2);
      const median = sorted.length % 2 === 1 ? sorted[half]! : Math.trunc((sorted[half - 1]! + sorted[half]!) / 2);
      const sum = values.reduce((total, value) => total + value, 0);
      const all: Record<string, number> = { MIN: sorted[0]!, MAX: sorted.at(-1)!, MED: median, SM: sum % 10 };
      stack.at(-1)!.values.push(all[operator]!);
    } else stack.at(-1)!.values.push(Number(token));
  }
  expect(stack).toHaveLength(1);
  return stack[0]!.values[0]!;
}

const textOf = (ids: readonly number[]): string => ids.map((id) => SYMBOLS[id]!).join(' ');

function depthOf(expression: Expression): number {
  return typeof expression === 'number' ? 1 : 1 + Math.max(...expression.operands.map(depthOf));
}

test.each<[Expression, string, number]>([
  [7, '7', 7],
  [{ operator: 'MED', operands: [9, 2] }, '[MED 9 2 ]', 5],
  [{ operator: 'MED', operands: [9, 2, 3] }, '[MED 9 2 3 ]', 3],
  [{ operator: 'SM', operands: [9, { operator: 'MAX', operands: [1, 4] }] }, '[SM 9 [MAX 1 4 ] ]', 3],
  [{ operator: 'MIN', operands: [3, 8] }, '[MIN 3 8 ]', 3],
])('%j is written %s and is worth %d', (expression, text, value) => {
  expect(textOf(tokensOf(expression))).toBe(text);
  expect(valueOf(expression)).toBe(value);
  expect(tokenCount(expression)).toBe(text.split(' ').length);
});

test('values are those of another evaluation, by a stack over the tokens', () => {
  fc.assert(
    fc.property(seed, (from) => {
      const random = Random.seeded(from);
      const operation: Expression = {
        operator: 'SM',
        operands: Array.from({ length: 6 }, () => drawNode(random, 5)),
      };
      const tokens = tokensOf(operation);
      expect(valueOf(operation)).toBe(evaluate(textOf(tokens)));
      expect(tokenCount(operation)).toBe(tokens.length);
    }),
  );
});

test('nodes are as the generator draws them: a quarter are operations, of 2 to 10 operands, none at the deepest level', () => {
  const random = Random.seeded(4);
  const nodes = Array.from({ length: 20_000 }, () => drawNode(random, MOST_DEPTH - 1));
  const operations = nodes.filter((node) => typeof node !== 'number');
  expect(operations.length / nodes.length).toBeCloseTo(0.25, 1);
  const counts = operations.map(({ operands }) => operands.length);
  expect([Math.min(...counts), Math.max(...counts)]).toEqual([2, MOST_OPERANDS]);
  expect(operations.every(({ operands }) => operands.every((operand) => typeof operand === 'number'))).toBe(true);
  for (const operator of ['MIN', 'MAX', 'MED', 'SM']) {
    const share = operations.filter((each) => each.operator === operator).length / operations.length;
    expect(share).toBeCloseTo(0.25, 1);
  }
});

test('expressions that are kept are within the lengths and the depth, longer ones rarer, and of every value', () => {
  const random = Random.seeded(1);
  const kept = Array.from({ length: 60 }, () => drawExpression(random));
  const lengths = kept.map(tokenCount);
  expect(Math.min(...lengths)).toBeGreaterThan(TOKENS.above);
  expect(Math.max(...lengths)).toBeLessThan(TOKENS.below);
  expect(Math.max(...kept.map(depthOf))).toBeLessThanOrEqual(MOST_DEPTH);
  const short = lengths.filter((length) => length < 1_000).length;
  expect(short).toBeGreaterThan(kept.length / 3);
  expect(new Set(kept.map(valueOf)).size).toBeGreaterThan(6);
  const { input, label } = listOpsExample(Random.seeded(2));
  expect(label).toBe(evaluate(textOf(input)));
});
