/** The standard tasks of long memory: what is measured of each, and the published figure that is the bar. */
import { randomFor } from '../../corpora/draw.ts';
import type { SequenceExample } from '../../src/training/examples.ts';
import { addingProblem } from './adding/examples.ts';
import { copyMemory } from './copy-memory/examples.ts';
import { TEST } from './curriculum.ts';
import { inductionHeads } from './induction-heads/examples.ts';
import { listOpsExample } from './list-ops/expression.ts';
import { selectiveCopying } from './selective-copying/examples.ts';
import { mnistImages, PIXELS } from './sequential-mnist/images.ts';

/** In the order of what long memory does for users. Test sequences are drawn by their places here, so that new ones come last. */
export const TASKS = [
  'induction-heads',
  'selective-copying',
  'copy-memory',
  'list-ops',
  'adding',
  'sequential-mnist',
] as const;
export type TaskName = (typeof TASKS)[number];

/** Sequences of one kind that no choice is made on. */
export type TestSet = {
  /** What it is called: a length, or what is copied over. */ readonly length: number;
  readonly count: number;
  readonly example: (index: number) => SequenceExample;
};

export type Battery = {
  /** `accuracy`, in percent: of answers; of several test sets the lowest. `loss`: mean cross-entropy of an answer, in nats. `squared error`: its mean. */
  readonly measure: 'accuracy' | 'loss' | 'squared error';
  /** What is to be passed; an accuracy of 100 is to be reached. */ readonly bar: number;
  /** Whose figure it is. */ readonly barOf: string;
  /** Parameters that the bar allows. */ readonly mostParameters?: number;
  readonly tests: readonly TestSet[];
};

/** Test sequences are drawn by this seed, whatever seed a training has. */
const TEST_SEED = 1;

function randomOf(task: TaskName, length: number, index: number): ReturnType<typeof randomFor> {
  return randomFor(TEST_SEED, TEST, TASKS.indexOf(task), length, index);
}

/** Lengths of induction heads, 2^6 to 2^20, with as many sequences of each as make 2^24 tokens; 32 to 1,024. */
const INDUCTION_TESTS: readonly TestSet[] = Array.from({ length: 15 }, (_, index) => {
  const length = 2 ** (6 + index);
  const count = Math.max(32, Math.min(1_024, 2 ** 24 / length));
  return { length, count, example: (n) => inductionHeads(length, randomOf('induction-heads', length, n)) };
});

export const BATTERY: Readonly<Record<TaskName, Battery>> = {
  'induction-heads': {
    measure: 'accuracy',
    bar: 100,
    barOf: 'Mamba, 74,000 parameters: perfect at 2^6 to 2^20',
    mostParameters: 74_000,
    tests: INDUCTION_TESTS,
  },
  'selective-copying': {
    measure: 'accuracy',
    bar: 99.8,
    barOf: 'Mamba',
    tests: [
      { length: 4_096, count: 1_000, example: (n) => selectiveCopying(4_096, randomOf('selective-copying', 0, n)) },
    ],
  },
  'copy-memory': {
    measure: 'loss',
    bar: 3.5e-5,
    barOf: 'TCN, 16,000 parameters',
    mostParameters: 16_000,
    tests: [{ length: 1_000, count: 1_000, example: (n) => copyMemory(1_000, randomOf('copy-memory', 0, n)) }],
  },
  'list-ops': {
    measure: 'accuracy',
    bar: 36.37,
    barOf: 'Transformer of Long Range Arena',
    tests: [{ length: 2_000, count: 2_000, example: (n) => listOpsExample(randomOf('list-ops', 0, n)) }],
  },
  adding: {
    measure: 'squared error',
    bar: 5.3e-5,
    barOf: 'GRU of 70,000 parameters, in the paper of TCN',
    mostParameters: 70_000,
    tests: [{ length: 600, count: 1_000, example: (n) => addingProblem(600, randomOf('adding', 0, n)) }],
  },
  'sequential-mnist': {
    measure: 'accuracy',
    bar: 99,
    barOf: 'TCN, 70,000 parameters, from 60,000 images',
    mostParameters: 70_000,
    tests: [{ length: PIXELS, count: 1_000, example: (n) => mnistImages().test[n]! }],
  },
};

/** What was measured on one test set. */
export type TestFigures = {
  readonly length: number;
  readonly trials: number;
  /** Share of wrong answers, 0 to 1; of numbers the root of the mean squared error. */ readonly error: number;
  /** Mean cross-entropy of an answer in nats; of numbers the mean squared error. */ readonly loss: number;
};

/** The figure that is held against the bar. */
export function figureOf({ measure }: Battery, tests: readonly TestFigures[]): number {
  if (measure === 'accuracy') return 100 * Math.min(...tests.map(({ error }) => 1 - error));
  return Math.max(...tests.map(({ loss }) => loss));
}

/** Whether a model of so many parameters passes the bar. */
export function isBeaten(battery: Battery, tests: readonly TestFigures[], parameters: number): boolean {
  const { measure, bar, mostParameters = Number.POSITIVE_INFINITY } = battery;
  const figure = figureOf(battery, tests);
  const passes = measure === 'accuracy' ? figure > bar || (bar === 100 && figure === 100) : figure < bar;
  return passes && parameters <= mostParameters;
}
