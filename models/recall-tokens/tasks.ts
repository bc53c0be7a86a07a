/**
 * Two tasks of recall, as sequences drawn without end. Nothing of what stands between a fact and its question helps to answer it.
 *
 * **Keyed**: pairs of a key and its value are scattered among fillers; at the end a key is asked, and its value is the answer. Only the
 * question says which pair matters.
 *
 * **Salient**: in a sequence of items four markers, first to fourth, each announce the item behind them, at places in any order; at the end the four
 * are to be written, first to fourth.
 */
import { distinctIntegers, randomFor, shuffled } from '../../corpora/draw.ts';
import type { Random } from '../../src/tensor/random.ts';
import type { SequenceExample } from '../../src/training/examples.ts';

export const TASKS = ['keyed', 'salient'] as const;
export type Task = (typeof TASKS)[number];

/** Keys, values and fillers of the keyed task are ids in this order, and last the question. */
const KEYS = 512;
export const VALUES = 64;
const FILLERS = 64;
const ASK: number = KEYS + VALUES + FILLERS;
export const KEYED_SYMBOLS: number = ASK + 1;

/** Items of the salient task are ids from 0, markers follow. */
export const ITEMS = 64;
export const MARKS = 4;
export const SALIENT_SYMBOLS: number = ITEMS + MARKS;

/** Symbols of a question. */
const QUESTION = 2;

export type KeyedShape = {
  /** Symbols in all, the question at the end included. */ readonly length: number;
  readonly pairs: number;
  /** Questions at the end, one after the other; default 1. */ readonly questions?: number;
};

/** One sequence of the keyed task: `length` holds the pairs, two symbols each, and the questions. */
export function keyedExample({ length, pairs, questions = 1 }: KeyedShape, random: Random): SequenceExample {
  const before = length - QUESTION * questions;
  const places = distinctIntegers(random, Math.floor(before / 2), pairs); // even places, so that no pair overlaps another
  const keys = distinctIntegers(random, KEYS, pairs);
  const values = keys.map(() => random.integer(VALUES));
  const input = Array.from({ length }, () => KEYS + VALUES + random.integer(FILLERS));
  for (const [pair, place] of places.entries()) {
    input[2 * place] = keys[pair]!; // one for each
    input[2 * place + 1] = KEYS + values[pair]!;
  }
  const labels = new Array<number>(length).fill(-1);
  for (let question = 0; question < questions; question++) {
    const pair = random.integer(pairs);
    const place = before + QUESTION * question;
    input[place] = keys[pair]!;
    input[place + 1] = ASK;
    labels[place + 1] = values[pair]!;
  }
  return questions === 1 ? { input, label: labels[length - 1]! } : { input, labels };
}

/** One sequence of the salient task. */
export function salientExample(length: number, random: Random): SequenceExample {
  const input = Array.from({ length }, () => random.integer(ITEMS));
  const places = shuffled(random, distinctIntegers(random, Math.floor(length / 2), MARKS));
  for (const [mark, place] of places.entries()) input[2 * place] = ITEMS + mark;
  return { input, output: places.map((place) => input[2 * place + 1]!) };
}

/** What is drawn at a stage of training; all stages so far are drawn from. */
const KEYED_STAGES: readonly { readonly length: number; readonly pairs: readonly number[] }[] = [
  { length: 16, pairs: [2, 4] },
  { length: 64, pairs: [4, 8, 16] },
  { length: 256, pairs: [4, 16, 32, 64] },
  { length: 480, pairs: [4, 16, 32, 64] },
];
/** Questions that follow a sequence in training; with them the longest has 512 symbols. */
const TRAINED_QUESTIONS = 16;
const SALIENT_STAGES: readonly number[] = [48, 128, 512];
export const LONGEST_TRAINED = 512;

/** Sets of sequences that share none. */
const [TRAINING, VALIDATION, TEST] = [0, 1, 2];

/** `count` batches of `size` sequences, each batch of one length, at `progress` (0 to 1) of the training. */
export function trainingExamples(
  task: Task,
  { shard, count, size, progress, seed, isLong = false }: Drawn,
): SequenceExample[] {
  const random = randomFor(seed, TRAINING, TASKS.indexOf(task), shard);
  return Array.from({ length: count }, () => {
    if (task === 'salient') {
      const lengths = isLong ? [...SALIENT_STAGES, LONG] : SALIENT_STAGES;
      const length = lengths[openStage(lengths.length, progress, random)]!;
      return Array.from({ length: size }, () => salientExample(length, random));
    }
    const stages = isLong ? [...KEYED_STAGES, { length: LONG, pairs: PAIRS }] : KEYED_STAGES;
    const { length, pairs } = stages[openStage(stages.length, progress, random)]!;
    const shape = { length: length + QUESTION * TRAINED_QUESTIONS, questions: TRAINED_QUESTIONS };
    return Array.from({ length: size }, () =>
      keyedExample({ ...shape, pairs: pairs[random.integer(pairs.length)]! }, random),
    );
  }).flat();
}

/** What a memory of 100 modules of 100 vectors is trained on besides: so long that the modules, too, are summarized. */
const LONG = 10_240;

type Drawn = {
  /** Whether the longest are among them, from the last stage on. */ readonly isLong?: boolean;
  readonly shard: number;
  readonly count: number;
  readonly size: number;
  readonly progress: number;
  readonly seed: number;
};

/** Share of the training over which the stages open, one after the other. */
const CURRICULUM = 0.6;

/** One of the stages that are open. */
function openStage(stages: number, progress: number, random: Random): number {
  return random.integer(Math.min(stages, 1 + Math.floor((stages * progress) / CURRICULUM)));
}

/** Pairs of a keyed sequence that are measured. */
export const PAIRS: readonly number[] = [4, 16, 64];

/** Held-out sequences for choices in training: short ones, and ones longer than any that is trained on. */
export function validationExamples(task: Task): SequenceExample[] {
  return [LONGEST_TRAINED, 4_096].flatMap((length) => drawnExamples(task, VALIDATION, length, 32));
}

/** `count` sequences of `length` that no choice was made on, from number `first` on; of the keyed task, with so many `pairs`. */
export function testExamples(task: Task, { length, count, first = 0, pairs }: TestShape): SequenceExample[] {
  return Array.from({ length: count }, (_, index) => {
    const random = randomFor(TEST, TASKS.indexOf(task), length, pairs ?? 0, first + index);
    return task === 'salient' ? salientExample(length, random) : keyedExample({ length, pairs: pairs ?? 1 }, random);
  });
}

export type TestShape = {
  readonly length: number;
  readonly count: number;
  readonly first?: number;
  readonly pairs?: number;
};

function drawnExamples(task: Task, set: number, length: number, count: number): SequenceExample[] {
  const random = randomFor(set, TASKS.indexOf(task), length);
  if (task === 'salient') return Array.from({ length: count }, () => salientExample(length, random));
  return PAIRS.flatMap((pairs) => Array.from({ length: count }, () => keyedExample({ length, pairs }, random)));
}
