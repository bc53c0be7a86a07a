/**
 * The cells of a model of any parts, by name: what is exported to ONNX, and run by executors while streaming. Axes: B streams, sequences,
 * nodes or hypotheses, T vectors, Q queries, E entries.
 */
import * as tf from '@tensorflow/tfjs-core';

import type { Cell, Weights } from '../cell/cell.ts';
import { floats, type TensorSpec } from '../cell/tensor-spec.ts';
import { tensor1, tensor2, tensor3 } from '../cell/typed-tensors.ts';
import { ctcLogits } from '../ctc/head.ts';
import { isCausal } from '../encoder/config.ts';
import { partCount } from '../encoder/grid-size.ts';
import { noDropout } from '../encoder/dropout.ts';
import { encode, encoderStates } from '../encoder/encoder.ts';
import { associateCells, readCell, seekCells, summarizeCells } from '../memory/cells.ts';
import { streamedMemory } from '../memory/kinds.ts';
import { projectEntries } from '../memory/read.ts';
import { labelCountOf, type ModelConfig, modelDepth } from './config.ts';
import { modelConfigOf } from './config-migration.ts';
import { decoderCells } from './decoder-cells.ts';
import { sourceVectors } from './forward.ts';
import { answerLogits, endOutputs } from './head-layers.ts';
import { decoderOf, readsMemory } from './heads.ts';
import { type SourceConfig, sourceDepth } from './source.ts';
import type { SpeechConfig } from './speech-config.ts';

/** The cells of a model, as far as its parts ask for them. */
export function cellsOf(given: ModelConfig | SpeechConfig): Cell[] {
  const config = modelConfigOf(given);
  const { memory, heads } = config;
  const depth = modelDepth(config);
  const sizes = streamedMemory(memory, depth);
  const isRead = readsMemory(heads);
  const { phones, decoder, classifier, regression } = heads;
  return [
    encodeCell(config),
    ...(memory.kind === 'hierarchical' ? summarizeCells(sizes, isRead) : []),
    ...(isRead ? [...associateCells(sizes), ...seekCells(sizes)] : []),
    ...(isRead ? [withLabels(config, memory.kind === 'last' ? readOfItself(depth) : readCell(sizes))] : []),
    ...(phones === undefined ? [] : [phonesCell(depth, phones.symbols.length)]),
    ...(classifier === undefined && regression === undefined ? [] : [concludeCell(config)]),
    ...(decoder === undefined ? [] : decoderCells(decoderOf(decoder), depth, labelCountOf(config, 'decoder'))),
  ];
}

/**
 * Vectors of frames, tokens, numbers or rows of pixels, with their keys and values where they are read. An encoder that looks both ways is told where rows end,
 * and gives the last state of both ways; others go on from a state.
 */
function encodeCell(config: ModelConfig): Cell {
  const { source, encoder, memory, heads } = config;
  const depth = modelDepth(config);
  const isStreaming = isCausal(encoder);
  const isRead = readsMemory(heads);
  const states = encoderStates(encoder, sourceDepth(source));
  const vectors = floats('B', encoder.kind === 'grid' ? partCount(encoder) : 'T', depth);
  const isImage = source.kind === 'image'; // which has no other length
  const lengths: Record<string, TensorSpec> =
    isStreaming || isImage ? {} : { lengths: { shape: ['B'], dtype: 'int32' } };
  const input = inputOf(source);
  const given: Record<string, TensorSpec> = {
    [input]:
      input === 'tokens'
        ? { shape: ['B', 'T'], dtype: 'int32' }
        : floats('B', isImage ? source.height : 'T', sourceDepth(source)),
  };
  return {
    name: 'encode',
    inputs: { ...given, ...lengths, ...states },
    outputs: {
      vectors,
      ...(isRead ? { keys: vectors, values: vectors } : {}),
      ...(isStreaming ? {} : { final: floats('B', depth) }),
      ...states,
    },
    run: (weights, inputs) => {
      const embedded = sourceVectors(weights, input === 'tokens' ? tensor2(inputs, input) : tensor3(inputs, input));
      const ends = isStreaming || isImage ? undefined : tensor1(inputs, 'lengths');
      const encoded = encode(weights, encoder, embedded, inputs, noDropout, ends);
      return {
        vectors: encoded.vectors,
        ...(isRead ? projected(weights, memory.kind === 'last', depth, encoded.vectors) : {}),
        ...(encoded.final === undefined ? {} : { final: encoded.final }),
        ...encoded.states,
      };
    },
  };
}

/** The name of what a source gives to the cell `encode`. */
function inputOf({ kind }: SourceConfig): 'frames' | 'tokens' | 'numbers' | 'pixels' {
  if (kind === 'audio') return 'frames';
  return kind === 'image' ? 'pixels' : kind;
}

/** Keys and values of vectors; a memory of one vector has no read, and so no maps for them. */
function projected(weights: Weights, isAlone: boolean, depth: number, vectors: tf.Tensor3D): Record<string, tf.Tensor> {
  if (!isAlone) return { ...projectEntries(weights, { depth, heads: 1 }, vectors) };
  return { keys: tf.clone(vectors), values: tf.clone(vectors) };
}

/** The read in a memory of one vector, which is what asks. */
function readOfItself(depth: number): Cell {
  const sizes = { depth, heads: 1, window: 1, leafFanIn: 1, fanIn: 2, slots: 1, tokenCountBias: false };
  return {
    ...readCell(sizes),
    run: (_, inputs) => ({
      outputs: tf.clone(tensor3(inputs, 'queries')),
      alignment: tf.softmax(tensor3(inputs, 'bias')),
    }),
  };
}

/** `cell`, a read, which also gives the log-probabilities of labels where a head wants them at every vector. */
function withLabels(config: ModelConfig, cell: Cell): Cell {
  const { ctc, answers } = config.heads;
  if (ctc === undefined && answers === undefined) return cell;
  const width = answers === undefined ? labelCountOf(config, 'ctc') + 1 : answers.labelCount;
  const { outputs, alignment } = cell.outputs;
  return {
    ...cell,
    outputs: { outputs: outputs!, logProbabilities: floats('B', 'Q', width), alignment: alignment! }, // a read has both
    run: (weights, inputs) => {
      const read = cell.run(weights, inputs);
      const reads = tensor3(read, 'outputs');
      const logits = answers === undefined ? ctcLogits(weights, reads) : answersTo(weights, reads, width);
      return { ...read, logProbabilities: tf.logSoftmax(logits) };
    },
  };
}

function answersTo(weights: Weights, reads: tf.Tensor3D, labelCount: number): tf.Tensor3D {
  const [batch, queries, depth] = reads.shape;
  const logits = answerLogits(weights, tf.reshape<tf.Rank.R2>(reads, [-1, depth]));
  return tf.reshape(logits, [batch, queries, labelCount]);
}

/** Log-probabilities of phones by what was read: a cell of its own, which runs only where somebody asks for phones. */
function phonesCell(depth: number, phoneCount: number): Cell {
  return {
    name: 'phones',
    inputs: { reads: floats('B', 'Q', depth) },
    outputs: { logProbabilities: floats('B', 'Q', phoneCount + 1) },
    run: (weights, inputs) => ({
      logProbabilities: tf.logSoftmax(ctcLogits(weights, tensor3(inputs, 'reads'), 'phones')),
    }),
  };
}

/** What is said of the whole by one read at its end: log-probabilities of classes, and numbers. */
function concludeCell(config: ModelConfig): Cell {
  const { classifier, regression } = config.heads;
  return {
    name: 'conclude',
    inputs: { reads: floats('B', modelDepth(config)) },
    outputs: {
      ...(classifier === undefined ? {} : { logProbabilities: floats('B', classifier.labels.length) }),
      ...(regression === undefined ? {} : { numbers: floats('B', regression.outputs) }),
    },
    run: (weights, inputs) => {
      const reads = tensor2(inputs, 'reads');
      return {
        ...(classifier === undefined
          ? {}
          : { logProbabilities: tf.logSoftmax(endOutputs(weights, 'classifier', reads)) }),
        ...(regression === undefined ? {} : { numbers: endOutputs(weights, 'regression', reads) }),
      };
    },
  };
}
