/** The attention decoder's cells, by name. Axes: B hypotheses, E memory entries, F depth of the encoder's last state. */
import type { Cell } from '../cell/cell.ts';
import { floats } from '../cell/tensor-spec.ts';
import { tensor1, tensor2, tensor3 } from '../cell/typed-tensors.ts';
import type { DecoderConfig } from '../decoder/config.ts';
import { decodeStart, decoderKeyDepth, decodeStep, decoderStates, prepareDecoderMemory } from '../decoder/decoder.ts';
import { recurrentStates } from '../decoder/recurrence.ts';

/**
 * `decodePrepare` and `decodeStep` of a decoder of `labelCount` labels over entries of `depth`, and `decodeStart` of one that
 * starts from the encoder's last state, which is `finalDepth` deep.
 */
export function decoderCells(
  config: DecoderConfig,
  depth: number,
  labelCount: number,
  finalDepth: number = depth,
): Cell[] {
  return [
    ...(config.firstState === 'encoder' ? [startCell(config, finalDepth)] : []),
    prepareCell(config, depth),
    stepCell(config, depth, labelCount),
  ];
}

function startCell(config: DecoderConfig, finalDepth: number): Cell {
  return {
    name: 'decodeStart',
    inputs: { final: floats('B', finalDepth) },
    outputs: recurrentStates(config),
    run: (weights, inputs) => decodeStart(weights, config, tensor2(inputs, 'final')),
  };
}

function prepareCell(config: DecoderConfig, depth: number): Cell {
  return {
    name: 'decodePrepare',
    inputs: { entries: floats('B', 'E', depth) },
    outputs: { keys: floats('B', 'E', decoderKeyDepth(config, depth)) },
    run: (weights, inputs) => ({ keys: prepareDecoderMemory(weights, config, tensor3(inputs, 'entries')) }),
  };
}

function stepCell(config: DecoderConfig, depth: number, labelCount: number): Cell {
  const states = decoderStates(config);
  return {
    name: 'decodeStep',
    inputs: {
      token: { shape: ['B'], dtype: 'int32' },
      keys: floats('B', 'E', decoderKeyDepth(config, depth)),
      values: floats('B', 'E', depth),
      bias: floats('B', 'E'),
      ...states,
    },
    outputs: { logProbabilities: floats('B', labelCount + 1), alignment: floats('B', 'E'), ...states },
    run: (weights, inputs) => {
      const { logProbabilities, alignment, state } = decodeStep(weights, config, {
        token: tensor1(inputs, 'token'),
        keys: tensor3(inputs, 'keys'),
        values: tensor3(inputs, 'values'),
        bias: tensor2(inputs, 'bias'),
        state: inputs,
      });
      return { logProbabilities, alignment, ...state };
    },
  };
}
