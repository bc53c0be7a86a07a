/**
 * ListOps of Long Range Arena: nested operations on lists of digits, 500 to 2,000 tokens long; asked is the value. The distribution of its
 * generator, drawn by our seed: what the official samples are depends on the order of a set, so that they cannot be made again.
 *
 * References: Nangia and Bowman, 2018, https://arxiv.org/abs/1804.06028 (the operations); `lra_benchmarks/data/listops.py` of
 * https://github.com/google-research/long-range-arena at cd31e5c (depth, arguments, lengths).
 */
import type { Random } from '../../../src/tensor/random.ts';

const OPERATORS = ['MIN', 'MAX', 'MED', 'SM'] as const;
export type Operator = (typeof OPERATORS)[number];

/** A digit, or an operation on the values of others. */
export type Expression = number | { readonly operator: Operator; readonly operands: readonly Expression[] };

/** Nodes lie at depths 1 to this; those at the deepest are digits. */
export const MOST_DEPTH = 10;
export const MOST_OPERANDS = 10;
/** Probability of an operation above the deepest level. */
const OPERATION_SHARE = 0.25;
/** Tokens of an expression that is kept, both excluded. */
export const TOKENS = { above: 500, below: 2_000 } as const;

/** Tokens by id: ten digits, four operators that open a list, and its end. */
export const SYMBOLS: readonly string[] = [
  ...Array.from({ length: 10 }, (_, digit) => String(digit)),
  ...OPERATORS.map((operator) => `[${operator}`),
  ']',
];
const FIRST_OPERATOR = 10;
const END = SYMBOLS.length - 1;

/** An expression of any length; most are one digit. */
export function drawNode(random: Random, depth: number = 1): Expression {
  const isOperation = depth < MOST_DEPTH && random.uniform() < OPERATION_SHARE;
  if (!isOperation) return random.integer(10);
  const operator = OPERATORS[random.integer(OPERATORS.length)]!;
  const count = 2 + random.integer(MOST_OPERANDS - 1);
  return { operator, operands: Array.from({ length: count }, () => drawNode(random, depth + 1)) };
}

/** The first expression drawn whose length is within `TOKENS`. */
export function drawExpression(random: Random): Expression {
  for (;;) {
    const expression = drawNode(random);
    const length = tokenCount(expression);
    if (length > TOKENS.above && length < TOKENS.below) return expression;
  }
}

/** Tokens of an expression: an operation has one before and one behind its operands. */
export function tokenCount(expression: Expression): number {
  if (typeof expression === 'number') return 1;
  return expression.operands.reduce<number>((sum, operand) => sum + tokenCount(operand), 2);
}

/** 0 to 9. */
export function valueOf(expression: Expression): number {
  if (typeof expression === 'number') return expression;
  const values = expression.operands.map(valueOf);
  switch (expression.operator) {
    case 'MIN':
      return Math.min(...values);
    case 'MAX':
      return Math.max(...values);
    case 'SM':
      return values.reduce((sum, value) => sum + value, 0) % 10;
    case 'MED': {
      const sorted = values.toSorted((a, b) => a - b);
      const middle = sorted.length / 2;
      return Math.floor((sorted[Math.ceil(middle) - 1]! + sorted[Math.floor(middle)]!) / 2); // the mean of the middle two, cut
    }
    default:
      return expression.operator satisfies never;
  }
}

/** Ids of an expression's tokens, in order. */
export function tokensOf(expression: Expression): number[] {
  if (typeof expression === 'number') return [expression];
  const first = FIRST_OPERATOR + OPERATORS.indexOf(expression.operator);
  return [first, ...expression.operands.flatMap(tokensOf), END];
}

/** What a model says: the value as a digit. */
export const LABELS: readonly string[] = Array.from({ length: 10 }, (_, digit) => String(digit));

/** The first expression drawn that is kept, with its value. */
export function listOpsExample(random: Random): { readonly input: readonly number[]; readonly label: number } {
  const expression = drawExpression(random);
  return { input: tokensOf(expression), label: valueOf(expression) };
}
