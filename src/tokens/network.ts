/**
 * A model of token sequences that are asked about at their end: embedding, a causal encoder in which a vector sees its
 * predecessor (a fact and its marker must meet in one vector), the memory, one read, and a distribution over labels.
 *
 * Shapes: B sequences, T tokens, D depth, A tokens of the alphabet, L labels.
 */
import * as tf from '@tensorflow/tfjs-core';
import { type Weights, weight, type Cell } from '../cell/cell.ts';
import { floats } from '../cell/tensor-spec.ts';
import { tensor2 } from '../cell/typed-tensors.ts';
import { assertInteger, HearkenError } from '../errors.ts';
import { initMemory, memoryCells } from '../memory/cells.ts';
import { assertMemoryConfig } from '../memory/config.ts';
import { entriesAt, buildLevels } from '../memory/parallel.ts';
import { projectEntries, read } from '../memory/read.ts';
import { initResidualMlp, residualMlp } from '../encoder/residual-mlp.ts';
import { rmsNorm } from '../encoder/rms-norm.ts';
import { assertEnough, assertTensors } from '../model/checkpoint.ts';
import { readModelFile, readModelJson } from '../model/config-file.ts';
import { withNewFields, withNewTensorNames } from '../model/old-names.ts';
import { leastMemoryCount } from '../model/weight-count.ts';
import type { HostArray, HostArrays } from '../tensor/host-array.ts';
import { normalArray, Random } from '../tensor/random.ts';
import { decodeSafetensors } from '../tensor/safetensors.ts';
import type { RecallConfig } from './config.ts';

/** Scores of the labels after the last of `tokens`, of shape `[B, T]`; gives `[B, L]`. */
export function recallLogits(weights: Weights, config: RecallConfig, tokens: tf.Tensor2D): tf.Tensor2D {
  return tf.tidy(() => {
    const [batch, length] = tokens.shape;
    const { memory } = config;
    const vectors = encodeTokens(weights, tokens);
    const levels = buildLevels(weights, memory, vectors);
    const { entries, bias } = entriesAt(memory, levels, new Array<number>(batch).fill(length));
    const queries = tf.slice(vectors, [0, length - 1, 0], [-1, 1, -1]);
    const inputs = { queries, ...projectEntries(weights, memory, entries), bias: tf.expandDims<tf.Tensor3D>(bias, 1) };
    const answers = tf.reshape<tf.Rank.R2>(read(weights, memory, inputs).outputs, [batch, memory.depth]);
    return labelLogits(weights, answers);
  });
}

/** `[B, T]` to `[B, T, D]`: a whole sequence, with zeros before the first token. */
export function encodeTokens(weights: Weights, tokens: tf.Tensor2D): tf.Tensor3D {
  return tf.tidy(() => {
    const before = tf.zeros<tf.Rank.R2>([tokens.shape[0], weight(weights, 'recall.embedding').shape[1]!]);
    return encodeTokensAfter(weights, tokens, before).vectors;
  });
}

export type EncodedTokens = {
  /** `[B, T, D]` */ readonly vectors: tf.Tensor3D;
  /** `[B, D]`: the last token's embedding. */ readonly before: tf.Tensor2D;
};

/** `[B, T]` to `[B, T, D]`: `mlp([e_t, e_(t-1)] W)`; `before`, of shape `[B, D]`, is e_0. */
export function encodeTokensAfter(weights: Weights, tokens: tf.Tensor2D, before: tf.Tensor2D): EncodedTokens {
  return tf.tidy(() => {
    const [batch, length] = tokens.shape;
    const table = weight(weights, 'recall.embedding'); // [A, D]
    const depth = table.shape[1]!;
    const embedded = tf.reshape<tf.Rank.R3>(tf.gather(table, tf.reshape(tokens, [-1])), [batch, length, depth]);
    const sequence = tf.concat([tf.expandDims<tf.Tensor3D>(before, 1), embedded], 1); //                  [B, T + 1, D]
    const previous = tf.slice(sequence, [0, 0, 0], [-1, length, -1]);
    const pairs = tf.reshape<tf.Rank.R2>(tf.concat([embedded, previous], 2), [-1, 2 * depth]);
    const joined = tf.matMul<tf.Tensor2D>(pairs, tensor2(weights, 'recall.encoder.kernel'));
    const last = tf.slice(sequence, [0, length, 0], [-1, 1, -1]);
    return {
      vectors: tf.reshape(residualMlp(weights, 'recall.encoder.mlp', joined), [batch, length, depth]),
      before: tf.reshape<tf.Rank.R2>(last, [batch, depth]),
    };
  });
}

/** Scores of the labels, `[n, L]`, by what was read, `[n, D]`. */
export function labelLogits(weights: Weights, answers: tf.Tensor2D): tf.Tensor2D {
  return tf.tidy(() => tf.matMul(rmsNorm(answers), weight(weights, 'recall.output')));
}

/** First weights by checkpoint name, `recall.*` and `memory.*`. */
export function initRecall(config: RecallConfig, random: Random): Record<string, HostArray> {
  const { alphabetSize, labelCount, memory } = config;
  const { depth } = memory;
  return {
    'recall.embedding': normalArray(random, [alphabetSize, depth], 1),
    'recall.encoder.kernel': normalArray(random, [2 * depth, depth], 1 / Math.sqrt(2 * depth)),
    ...initResidualMlp('recall.encoder.mlp', depth, 0.5 / Math.sqrt(2 * depth), random),
    ...initMemory(memory, random),
    'recall.output': normalArray(random, [depth, labelCount], 1 / Math.sqrt(depth)),
  };
}

/* The cells of a token model, by name, as executors run them. Axes: B streams or nodes, T tokens, Q queries, E entries. */

/** `encodeTokens`, and the memory's cells, of which `read` also gives the labels' log-probabilities. */
export function recallCells(config: RecallConfig): Cell[] {
  const cells = memoryCells(config.memory);
  return [encodeTokensCell(config), ...cells.map((cell) => (cell.name === 'read' ? answering(config, cell) : cell))];
}

function encodeTokensCell({ memory }: RecallConfig): Cell {
  const vectors = floats('B', 'T', memory.depth);
  const before = floats('B', memory.depth);
  return {
    name: 'encodeTokens',
    inputs: { tokens: { shape: ['B', 'T'], dtype: 'int32' }, 'state.before': before },
    outputs: { vectors, keys: vectors, values: vectors, 'state.before': before },
    run: (weights, inputs) => {
      const tokens = tensor2(inputs, 'tokens');
      const encoded = encodeTokensAfter(weights, tokens, tensor2(inputs, 'state.before'));
      const { vectors: encodedVectors, before: last } = encoded;
      return {
        vectors: encodedVectors,
        ...projectEntries(weights, memory, encodedVectors),
        'state.before': last,
      };
    },
  };
}

function answering({ memory, labelCount }: RecallConfig, readCell: Cell): Cell {
  return {
    ...readCell,
    outputs: { ...readCell.outputs, logProbabilities: floats('B', 'Q', labelCount) },
    run: (weights, inputs) => {
      const outputs = readCell.run(weights, inputs);
      const answers = weight(outputs, 'outputs'); // [B, Q, D]
      const [batch = 0, queries = 0] = answers.shape;
      const logits = labelLogits(weights, tf.reshape(answers, [-1, memory.depth]));
      return { ...outputs, logProbabilities: tf.reshape(tf.logSoftmax(logits), [batch, queries, labelCount]) };
    },
  };
}

/* The folder of a token model: `config.json` and `model.safetensors`, as the recipe of salient recall writes them. */

export type RecallCheckpoint = { readonly config: RecallConfig; readonly weights: HostArrays };

/** Far beyond any use; what a damaged file may ask for stays within the memory of a machine. */
const MOST_TOKENS = 1 << 20;

/**
 * The token model in `folder`. Throws `model/missing-file`; `model/config`; `safetensors/...` on a damaged file;
 * `model/missing-tensor`, `model/unexpected-tensor` or `model/tensor` where weights are not those of the configuration.
 */
export async function readRecallCheckpoint(folder: string): Promise<RecallCheckpoint> {
  const config = parseRecallConfig(withNewFields(await readModelJson(folder)));
  const { tensors } = decodeSafetensors(await readModelFile(folder, 'model.safetensors'));
  const weights = withNewTensorNames(tensors);
  assertEnough(leastRecallWeightCount(config), weights);
  assertTensors(initRecall(config, Random.seeded(0)), weights);
  return { config, weights };
}

/** `value`, as parsed from JSON, as a configuration. Throws `model/config`, naming the field. */
function parseRecallConfig(value: unknown): RecallConfig {
  const { memory, alphabetSize, labelCount } = { ...(value as Partial<RecallConfig> | null) }; // each is looked at below
  try {
    assertMemoryConfig({ ...memory! }); // where it is absent, so are its fields: the first is refused
    assertInteger('alphabetSize', alphabetSize ?? Number.NaN, 1, MOST_TOKENS);
    assertInteger('labelCount', labelCount ?? Number.NaN, 1, MOST_TOKENS);
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new HearkenError('model/config', `${reason} in the \`config.json\` of a token model`, { cause });
  }
  const { tokenCountBias } = memory!; // its sizes were found in it
  if (typeof tokenCountBias !== 'boolean') {
    throw new HearkenError(
      'model/config',
      `Expected \`memory.tokenCountBias\` to be true or false, got ${String(tokenCountBias)}`,
    );
  }
  return { memory, alphabetSize, labelCount } as RecallConfig; // as looked at above
}

/** How many weights a token model needs at the least; see `leastWeightCount`. */
export function leastRecallWeightCount({ memory, alphabetSize, labelCount }: RecallConfig): number {
  return leastMemoryCount(memory) + memory.depth * (alphabetSize + labelCount);
}
