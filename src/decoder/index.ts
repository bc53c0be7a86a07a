/** `hearken/decoder`: the attention decoder, trained over whole sequences, run a step at a time or greedily. */
export type { DecoderConfig } from './config.ts';
export {
  type DecodeInputs,
  type DecodeOutputs,
  decodeStart,
  decodeStep,
  decoderKeyDepth,
  type DecoderSizes,
  decoderStates,
  initDecoder,
  prepareDecoderMemory,
} from './decoder.ts';
export { type Decoded, decodeGreedily, type GreedyInputs } from './greedy.ts';
export { type LstmState, lstmStep } from './lstm.ts';
export { type Unrolled, unrollDecoder, type UnrollInputs } from './unroll.ts';
