/** What models of recall-tokens give back, and what it keeps to do so: accuracy, bytes of state, length of the path. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';

import { loadBackend } from '../../src/backend/backends.ts';
import type { Weights } from '../../src/cell/cell.ts';
import { encoderStates } from '../../src/encoder/encoder.ts';
import { channelOf, featureCount } from '../../src/memory/associative-sizes.ts';
import { streamedMemory } from '../../src/memory/kinds.ts';
import { liveNodes } from '../../src/memory/schedule.ts';
import { memoryArrays } from '../../src/memory/snapshot.ts';
import { emptyMemory } from '../../src/memory/state.ts';
import { readModelCheckpoint } from '../../src/model/checkpoint.ts';
import { type ModelConfig, modelDepth } from '../../src/model/config.ts';
import { sourceDepth } from '../../src/model/source.ts';
import { packageFile } from '../../src/package-root.ts';
import { Random } from '../../src/tensor/random.ts';
import type { HostArrays } from '../../src/tensor/host-array.ts';
import { sizeOf } from '../../src/tensor/shape.ts';
import { tensorsOf } from '../../src/tensor/tensors-of.ts';
import { sequenceBatches } from '../../src/training/sequence-batches.ts';
import { validateSequences } from '../../src/training/sequence-task.ts';
import type { MeasureRequest, RowEvaluation } from '../row-evaluation.ts';
import { LEARNING_RATE } from './rates.ts';
import { PAIRS, type Task, testExamples, type TestShape } from './tasks.ts';
import type { TrainingFigures } from './training-log.ts';
import { type Variant, VARIANTS } from './variants.ts';

export type RecallRow = RecallFigures &
  TrainingFigures & {
    readonly task: Task;
    /** Which of the variants. */ readonly model: Variant;
    /** Pairs of a keyed sequence. */ readonly pairs?: number;
    /** Symbols of a sequence. */ readonly n: number;
    readonly seed: number;
    /** Peak learning rate. */ readonly rate: number;
    readonly parameters: number;
  };

/** Rows are kept by `npx tsx scripts/compare-recall.ts`. */
export const RECALL_TOKENS: RowEvaluation<RecallRow> = {
  file: packageFile('models/recall-tokens/results.json'),
  key: ['task', 'model', 'pairs', 'n', 'seed', 'rate'],
  columns: [
    ['task', ({ task }) => task],
    ['pairs', ({ pairs }) => (pairs === undefined ? '' : `${pairs}`)],
    ['model', ({ model }) => model],
    ['seed', ({ seed }) => `${seed}`],
    ['rate', ({ rate }) => `${rate}`],
    ['n', ({ n }) => `${n}`],
    ['right %', ({ accuracy }) => (100 * accuracy).toFixed(1)],
    ['of', ({ trials }) => `${trials}`],
    ['state bytes', (row) => `${row.stateBytes}`],
    ['path', (row) => `${row.pathLength}`],
  ],
  measure: measureAll,
};

/** Sequences of no more symbols are quick to measure. */
const LONGEST_QUICK = 65_536;

/** Measures the model in `folder` on its own task, and the one of the salient task that lies within it. */
async function measureAll({ folder, isFull, onProgress }: MeasureRequest): Promise<RecallRow[]> {
  await loadBackend();
  const within = join(folder, 'salient');
  const folders = [folder, ...(existsSync(within) ? [within] : [])];
  const rows: RecallRow[] = [];
  for (const [index, each] of folders.entries()) {
    const { config: own, weights } = await readModelCheckpoint(each);
    if (own.version !== 2) continue; // recall-tokens has no older ones
    const { seed, learningRate = LEARNING_RATE } = own.training ?? {}; // older folders do not tell their rate
    const measured = await measureLengths({
      seed: Number(seed),
      rate: Number(learningRate),
      task: taskNamed(own.name),
      variant: variantNamed(own.name),
      config: own,
      weights,
      ...(isFull ? {} : { longest: LONGEST_QUICK }),
      onProgress: (share) => onProgress((index + share) / folders.length),
    });
    rows.push(...measured);
  }
  return rows;
}

function taskNamed(name: string): Task {
  return name.startsWith('recall-salient') ? 'salient' : 'keyed';
}

/** The variant of a model by the name that its configuration gives it. */
export function variantNamed(name: string): Variant {
  const rest = name.replace(/^recall-(keyed|salient)-?/, '');
  return VARIANTS.find((variant) => variant.replaceAll(' ', '-') === rest) ?? 'hierarchical';
}

/** Lengths that are measured, and sequences of each: at 1,024 and 4,096 = 4^6 trees of fan-in 4 end a level. */
const LENGTHS: readonly (readonly [length: number, count: number])[] = [
  [512, 1_000],
  [1_023, 200],
  [1_024, 200],
  [1_025, 200],
  [4_096, 1_000],
  [16_383, 200],
  [16_384, 200],
  [16_385, 200],
  [65_536, 1_000],
  [1_048_576, 32],
];
/** A rival is measured at fewer: how far it reaches, not whether it errs once in a thousand. */
const RIVAL_LENGTHS: readonly (readonly [length: number, count: number])[] = [
  [512, 200],
  [4_096, 200],
  [65_536, 32],
];
/** Two modules above one another see a hundred times a hundred vectors as soon as those have left the window. */
const LITERAL_LENGTHS: typeof LENGTHS = [
  [512, 1_000],
  [10_000, 1_000],
  [10_100, 1_000],
  [100_000, 200],
];
/** All vectors are attended to up to this length, for which memory allows. */
const LONGEST_FULL = 65_536;

export type Measured = {
  readonly task: Task;
  readonly variant: Variant;
  readonly seed: number;
  readonly rate: number;
  readonly config: ModelConfig;
  readonly weights: HostArrays;
  /** The longest sequences to measure; default all. */ readonly longest?: number;
  readonly onProgress?: (share: number) => void;
};

/** Measures a model at every length, of keyed sequences with each number of pairs. */
export async function measureLengths(given: Measured): Promise<RecallRow[]> {
  const { task, variant, seed, rate, config, onProgress = () => undefined } = given;
  const longest = Math.min(given.longest ?? Infinity, variant === 'full' ? LONGEST_FULL : Infinity);
  const lengths = lengthsOf(variant).filter(([length]) => length <= longest);
  const shapes = lengths.flatMap(([length, count]): TestShape[] =>
    task === 'keyed' ? PAIRS.map((pairs) => ({ length, count, pairs })) : [{ length, count }],
  );
  const all = shapes.reduce((sum, { length, count }) => sum + length * count, 0);
  const weights = tensorsOf(given.weights);
  const parameters = Object.values(given.weights).reduce((sum, { data }) => sum + data.length, 0);
  const rows: RecallRow[] = [];
  let done = 0;
  try {
    for (const shape of shapes) {
      const { length: n, pairs } = shape;
      const figures = await measureRecall(weights, config, task, shape, (count) =>
        onProgress((done + count * n) / all),
      );
      done += n * shape.count;
      const named = { task, model: variant, ...(pairs === undefined ? {} : { pairs }), n };
      rows.push({ ...named, ...figures, seed, rate, parameters });
    }
  } finally {
    for (const tensor of Object.values(weights)) tensor.dispose();
  }
  return rows;
}

function lengthsOf(variant: Variant): typeof LENGTHS {
  if (variant === 'literal') return LITERAL_LENGTHS;
  return variant === 'hierarchical' ? LENGTHS : RIVAL_LENGTHS;
}

export type RecallFigures = {
  /** Share of sequences that are answered without a mistake. */ readonly accuracy: number;
  readonly trials: number;
  /** What a stream keeps after `n` symbols. */ readonly stateBytes: number;
  /** Modules through which the oldest symbol reaches the answer. */ readonly pathLength: number;
};

/** The most symbols of one call. */
const SYMBOLS_PER_CALL = 1 << 18;

/** Measures `count` sequences of one shape; `onDone` is told how many are done. */
export async function measureRecall(
  weights: Weights,
  config: ModelConfig,
  task: Task,
  shape: TestShape,
  onDone: (done: number) => void = () => undefined,
): Promise<RecallFigures> {
  const batchSize = Math.max(1, Math.min(64, Math.floor(SYMBOLS_PER_CALL / shape.length)));
  let right = 0;
  for (let done = 0; done < shape.count; ) {
    const count = Math.min(batchSize, shape.count - done);
    const examples = testExamples(task, { ...shape, count, first: (shape.first ?? 0) + done });
    const { error } = await validateSequences(
      weights,
      config,
      sequenceBatches(examples, config, { batchSize }, Random.seeded(1)),
    );
    right += Math.round(count * (1 - error));
    done += count;
    onDone(done);
  }
  return {
    accuracy: right / shape.count,
    trials: shape.count,
    stateBytes: stateBytes(config, shape.length),
    pathLength: pathLength(config, shape.length),
  };
}

/** Bytes of what a stream keeps after `count` symbols: the encoder's state, and the memory as snapshots hold it. */
export function stateBytes(config: ModelConfig, count: number): number {
  const { encoder, source, memory } = config;
  const states = Object.values(encoderStates(encoder, sourceDepth(source)));
  const own = states.map(({ shape }) => sizeOf(shape.map((axis) => (typeof axis === 'number' ? axis : 1))));
  const sizes = streamedMemory(memory, modelDepth(config));
  const held = Object.values(memoryArrays(sizes, { ...emptyMemory(), count })).map(({ data }) => data.length);
  const channel = channelOf(sizes);
  const features = channel === undefined ? 0 : featureCount(channel);
  const sums = channel === undefined ? 0 : features * (channel.valueDepth + features);
  return 4 * [...own, ...held, sums].reduce((sum, length) => sum + length, 0);
}

/** Encoders that hand a state on from symbol to symbol. */
const RECURRENT: ReadonlySet<string> = new Set(['rnn', 'gru', 'lstm', 'delta']);

/** Modules between the oldest of `count` symbols and what is read of it: summaries and the read; steps of a recurrent encoder. */
export function pathLength({ encoder, memory }: ModelConfig, count: number): number {
  if (memory.kind === 'hierarchical') return liveNodes(memory, count).length;
  if (memory.kind === 'full') return 1;
  if (encoder.kind === 'dilated') return encoder.dilations.length;
  return RECURRENT.has(encoder.kind) ? count : 1;
}
