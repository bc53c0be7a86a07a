/**
 * Multi-query associative recall (Arora et al., 2023, "Zoology", https://arxiv.org/abs/2312.04927): pairs of a key and its value, and later each
 * key again, whose value is to be said. Which pair matters is known only when it is asked for.
 *
 * **mqar** is that task, by the rules of its generator: V = 8,192 symbols, keys from the lower half, values from the upper one; the pairs stand first, then each
 * key once, at places that are the likelier the sooner they come; all other places hold random symbols, which may be keys. The answer is read one symbol
 * behind the key, where that generator reads it at the key: the symbol there is random and says nothing.
 *
 * **two-token** is a variant of ours, for more pairs than there are keys: a key is two symbols, and questions follow the pairs at once, each with a
 * symbol behind it that asks.
 */
import { distinctIntegers, randomFor } from '../../corpora/draw.ts';
import type { Random } from '../../src/tensor/random.ts';
import type { SequenceExample } from '../../src/training/examples.ts';

export const TASKS = ['mqar', 'two-token'] as const;
export type MqarTask = (typeof TASKS)[number];

/** Symbols: 0 asks, keys are 1 to 4,095, values 4,096 to 8,191. */
export const SYMBOLS = 8_192;
const ASK = 0;
const FIRST_VALUE: number = SYMBOLS / 2;
/** What is answered: the values, from 0. */
export const VALUES: number = SYMBOLS - FIRST_VALUE;

/** Share of the exponent by which later places are less likely. */
const POWER = 0.01;

export type MqarShape = {
  readonly pairs: number;
  /** Symbols of a sequence of `mqar`, at least 4 a pair; of `two-token` pairs and questions say it. */ readonly length?: number;
  /** Questions of a sequence of `two-token`; of `mqar` each pair is asked. */ readonly questions?: number;
};

/** One sequence. */
export function mqarExample(task: MqarTask, shape: MqarShape, random: Random): SequenceExample {
  return task === 'mqar' ? singleKeys(shape, random) : doubleKeys(shape, random);
}

/** Symbols of a sequence, and those before its first question can stand. */
export function lengthsOf(
  task: MqarTask,
  { pairs, length = 4 * pairs, questions = pairs }: MqarShape,
): {
  readonly length: number;
  readonly before: number;
} {
  return task === 'mqar' ? { length, before: 2 * pairs } : { length: 3 * (pairs + questions), before: 3 * pairs };
}

function singleKeys(shape: MqarShape, random: Random): SequenceExample {
  const { pairs } = shape;
  const { length, before } = lengthsOf('mqar', shape);
  const keys = distinctIntegers(random, FIRST_VALUE - 1, pairs).map((key) => key + 1);
  const values = distinctIntegers(random, VALUES, pairs);
  const input = Array.from({ length }, () => random.integer(SYMBOLS));
  const labels = new Array<number>(length).fill(-1);
  const places = likelyPlaces((length - before) / 2, pairs, random);
  for (const [pair, key] of keys.entries()) {
    const place = before + 2 * places[pair]!; // one for each
    input[2 * pair] = key;
    input[2 * pair + 1] = FIRST_VALUE + values[pair]!;
    input[place] = key;
    labels[place + 1] = values[pair]!;
  }
  return { input, labels };
}

function doubleKeys({ pairs, questions = pairs }: MqarShape, random: Random): SequenceExample {
  const each = FIRST_VALUE - 1;
  const keys = distinctIntegers(random, each * each, pairs).map((key) => [
    1 + (key % each),
    1 + Math.floor(key / each),
  ]);
  const values = keys.map(() => random.integer(VALUES));
  const asked = Array.from({ length: questions }, () => random.integer(pairs));
  const stored = keys.flatMap((key, pair) => [...key, FIRST_VALUE + values[pair]!]); // one for each
  const labels = new Array<number>(stored.length).fill(-1);
  return {
    input: [...stored, ...asked.flatMap((pair) => [...keys[pair]!, ASK])],
    labels: [...labels, ...asked.flatMap((pair) => [-1, -1, values[pair]!])],
  };
}

/** `count` different places below `limit`, place g with a probability in proportion to (g + 1)^(a - 1). */
function likelyPlaces(limit: number, count: number, random: Random): number[] {
  // The smallest of exponential variables with these rates: Efraimidis and Spirakis, 2006.
  const times = Array.from({ length: limit }, (_, place) => ({
    place,
    time: -Math.log(1 - random.uniform()) * (place + 1) ** (1 - POWER),
  }));
  return times
    .toSorted((a, b) => a.time - b.time)
    .slice(0, count)
    .map(({ place }) => place);
}

/** What is drawn at a stage of training; all stages so far are drawn from. */
const STAGES: readonly { readonly length: number; readonly pairs: readonly number[] }[] = [
  { length: 16, pairs: [2, 4] },
  { length: 32, pairs: [4, 8] },
  { length: 64, pairs: [4, 8, 16] },
  { length: 128, pairs: [8, 16, 32] },
  { length: 256, pairs: [16, 32, 64] },
];
/** Share of the training over which the stages open. */
const CURRICULUM = 0.4;

/** Sets of sequences that share none. */
const [TRAINING, VALIDATION, TEST] = [0, 1, 2];

type Drawn = {
  readonly shard: number;
  readonly count: number;
  readonly size: number;
  /** 0 to 1 */ readonly progress: number;
  readonly seed: number;
};

/** `count` batches of `size` sequences, each batch of one shape, of at most 64 pairs. */
export function trainingExamples(task: MqarTask, { shard, count, size, progress, seed }: Drawn): SequenceExample[] {
  const random = randomFor(seed, TRAINING, TASKS.indexOf(task), shard);
  return Array.from({ length: count }, () => {
    const open = Math.min(STAGES.length, 1 + Math.floor((STAGES.length * progress) / CURRICULUM));
    const { length, pairs: choices } = STAGES[random.integer(open)]!;
    const shape = { length, pairs: choices[random.integer(choices.length)]! };
    return Array.from({ length: size }, () => mqarExample(task, shape, random));
  }).flat();
}

/** Held-out sequences for choices in training. */
export function validationExamples(task: MqarTask): SequenceExample[] {
  const random = randomFor(VALIDATION, TASKS.indexOf(task));
  return Array.from({ length: 32 }, () => mqarExample(task, { length: 256, pairs: 64 }, random));
}

/** Sequence `index` of `shape` that no choice was made on. */
export function testExample(task: MqarTask, shape: MqarShape, index: number): SequenceExample {
  const { pairs, length = 0 } = shape;
  return mqarExample(task, shape, randomFor(TEST, TASKS.indexOf(task), pairs, length, index));
}
