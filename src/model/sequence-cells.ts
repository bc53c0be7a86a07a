/**
 * The cells of a model that writes about sequences of symbols, by name: what is exported to ONNX and run by executors.
 * Axes: B sequences, nodes or hypotheses, T symbols of the longest, E entries.
 */
import type { Cell } from '../cell/cell.ts';
import { floats, type TensorSpec } from '../cell/tensor-spec.ts';
import { tensor1, tensor2 } from '../cell/typed-tensors.ts';
import { isCausal } from '../encoder/config.ts';
import { noDropout } from '../encoder/dropout.ts';
import { encode, encoderStates } from '../encoder/encoder.ts';
import { HearkenError } from '../errors.ts';
import { memoryCells } from '../memory/cells.ts';
import { labelCountOf, type ModelConfig, modelDepth } from './config.ts';
import { decoderCells } from './decoder-cells.ts';
import { embed } from '../encoder/embedding.ts';
import { decoderOf } from './heads.ts';
import { sourceDepth } from './source.ts';

/**
 * `encode`, those of the memory and those of the decoder. Throws `model/config` where the model takes in no tokens, or has
 * no decoder.
 */
export function sequenceCells(config: ModelConfig): Cell[] {
  const { source, memory, heads } = config;
  if (source.kind !== 'tokens' || heads.decoder === undefined) {
    throw new HearkenError(
      'model/config',
      'Expected a model that takes in tokens and has a decoder, as those that write about sequences do, got another',
    );
  }
  const ofMemory = memory.kind === 'hierarchical' ? memoryCells(memory).filter(({ name }) => name !== 'read') : [];
  return [
    encodeCell(config),
    ...ofMemory,
    ...decoderCells(decoderOf(heads.decoder), modelDepth(config), labelCountOf(config, 'decoder')),
  ];
}

/** One that looks both ways is told where rows end, and gives the last state of both ways; others go on from a state. */
function encodeCell(config: ModelConfig): Cell {
  const depth = modelDepth(config);
  const isStreaming = isCausal(config.encoder);
  const states = encoderStates(config.encoder, sourceDepth(config.source));
  const lengths: Record<string, TensorSpec> = isStreaming ? {} : { lengths: { shape: ['B'], dtype: 'int32' } };
  return {
    name: 'encode',
    inputs: { tokens: { shape: ['B', 'T'], dtype: 'int32' }, ...lengths, ...states },
    outputs: {
      vectors: floats('B', 'T', depth),
      ...(isStreaming ? {} : { final: floats('B', depth) }),
      ...states,
    },
    run: (weights, inputs) => {
      const embedded = embed(tensor2(weights, 'source.embedding'), tensor2(inputs, 'tokens'));
      const ends = isStreaming ? undefined : tensor1(inputs, 'lengths');
      const encoded = encode(weights, config.encoder, embedded, inputs, noDropout, ends);
      return {
        vectors: encoded.vectors,
        ...(encoded.final === undefined ? {} : { final: encoded.final }),
        ...encoded.states,
      };
    },
  };
}
