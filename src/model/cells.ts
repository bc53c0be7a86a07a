/** The cells of a speech recogniser, by name: what is exported to ONNX and run by executors while streaming. */
import * as tf from '@tensorflow/tfjs-core';

import { noDropout } from '../encoder/dropout.ts';
import { encode, encoderStates } from '../encoder/encoder.ts';
import { projectEntries } from '../memory/read.ts';
import type { Cell } from '../cell/cell.ts';
import { floats } from '../cell/tensor-spec.ts';
import type { SpeechConfig } from './speech-config.ts';
import { ctcLogits } from '../ctc/head.ts';
import { tensor3 } from '../cell/typed-tensors.ts';
import { decoderCells } from './decoder-cells.ts';
import { memoryCells } from '../memory/cells.ts';

/** The cells of a speech recogniser. Axes: B batch, T vectors, Q queries, E memory entries. */
export function cellsOf(config: SpeechConfig): Cell[] {
  const ofMemory = memoryCells(config.memory).map((cell) => (cell.name === 'read' ? spelling(config, cell) : cell));
  return [
    encodeCell(config),
    ...ofMemory,
    ...decoderCells(config.decoder, config.memory.depth, config.vocabulary.labels.length),
  ];
}

/** F: size of one vector's stacked frames, flattened. */
export function frameDepth({ features, encoder }: SpeechConfig): number {
  return features.bandCount * encoder.frameStack;
}

function encodeCell(config: SpeechConfig): Cell {
  const { units } = config.encoder;
  const states = encoderStates(config.encoder, frameDepth(config));
  const vectors = floats('B', 'T', units);
  return {
    name: 'encode',
    inputs: { frames: floats('B', 'T', frameDepth(config)), ...states },
    outputs: { vectors, keys: vectors, values: vectors, ...states },
    run: (weights, inputs) => {
      const frames = tensor3(inputs, 'frames');
      const encoded = encode(weights, config.encoder, frames, inputs, noDropout);
      return {
        vectors: encoded.vectors,
        ...projectEntries(weights, config.memory, encoded.vectors),
        ...encoded.states,
      };
    },
  };
}

/** The memory's `read`, which also gives the labels' log-probabilities. */
function spelling(config: SpeechConfig, readCell: Cell): Cell {
  const { vocabulary, memory } = config;
  return {
    ...readCell,
    outputs: {
      outputs: floats('B', 'Q', memory.depth),
      logProbabilities: floats('B', 'Q', vocabulary.labels.length + 1),
      alignment: floats('B', 'Q', 'E'),
    },
    run: (weights, inputs) => {
      const read = readCell.run(weights, inputs);
      return { ...read, logProbabilities: tf.logSoftmax(ctcLogits(weights, tensor3(read, 'outputs'))) };
    },
  };
}
