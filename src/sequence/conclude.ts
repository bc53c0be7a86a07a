/** What a model says of a whole sequence: classes with their probabilities, numbers; by one read in the memory at its end. */
import { floatsNamed } from '../cell/rows.ts';
import { entryBias, heldRows, liveEntries, MASKED } from '../memory/state.ts';
import type { SequenceEngine } from './engine.ts';
import type { Ended } from './remembered.ts';

/** What was asked of the whole. */
export type SequenceAnswer = {
  /** Of a classifier: its labels with their probabilities, likeliest first. */
  readonly labels?: readonly { readonly label: string; readonly probability: number }[];
  /** Of a regression. */ readonly numbers?: readonly number[];
};

/** Answer i is to sequence i. Runs cells `read` and `conclude`. */
export async function concludeAll(
  engine: SequenceEngine,
  sequences: readonly Pick<Ended, 'memory' | 'final'>[],
): Promise<SequenceAnswer[]> {
  if (sequences.length === 0) return [];
  const { executor, config } = engine;
  const { classifier, regression } = config.heads;
  const reads = await readAtEnds(engine, sequences);
  const outputs = await executor.run('conclude', { reads: { shape: [sequences.length, engine.depth], data: reads } });
  const rowOf = (name: string, row: number, width: number): number[] => [
    ...floatsNamed(outputs, name).subarray(row * width, (row + 1) * width),
  ];
  return sequences.map((_, row) => ({
    ...(classifier === undefined
      ? {}
      : { labels: ranked(classifier.labels, rowOf('logProbabilities', row, classifier.labels.length)) }),
    ...(regression === undefined ? {} : { numbers: rowOf('numbers', row, regression.outputs) }),
  }));
}

function ranked(labels: readonly string[], logProbabilities: readonly number[]): NonNullable<SequenceAnswer['labels']> {
  return labels
    .map((label, index) => ({ label, probability: Math.min(1, Math.exp(logProbabilities[index]!)) })) // one for each
    .toSorted((a, b) => b.probability - a.probability);
}

/** What the encoder's last states read, `[B, D]`: one row a sequence, those with fewer entries padded by masked ones. */
async function readAtEnds(
  { executor, memory: sizes, depth }: SequenceEngine,
  sequences: readonly Pick<Ended, 'memory' | 'final'>[],
): Promise<Float32Array> {
  const lives = sequences.map(({ memory }) => liveEntries(sizes, memory.count));
  const entryCount = Math.max(...lives.map(({ length }) => length));
  const batch = sequences.length;
  const queries = new Float32Array(batch * depth);
  const keys = new Float32Array(batch * entryCount * depth);
  const values = new Float32Array(keys.length);
  const bias = new Float32Array(batch * entryCount).fill(MASKED);
  for (const [row, { memory, final }] of sequences.entries()) {
    queries.set(final, row * depth);
    keys.set(heldRows(memory, 'keys'), row * entryCount * depth);
    values.set(heldRows(memory, 'values'), row * entryCount * depth);
    const own = lives[row]!; // one for each
    bias.set(
      own.map(({ level }) => entryBias(sizes, level)),
      row * entryCount,
    );
  }
  const outputs = await executor.run('read', {
    queries: { shape: [batch, 1, depth], data: queries },
    keys: { shape: [batch, entryCount, depth], data: keys },
    values: { shape: [batch, entryCount, depth], data: values },
    bias: { shape: [batch, 1, entryCount], data: bias },
  });
  return floatsNamed(outputs, 'outputs');
}
