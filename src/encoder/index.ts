/** `hearken/encoder`: what makes vectors of tokens and of vectors: embeddings, recurrent layers, normalization, dropout. */
export { type Dropout, noDropout, seededDropout } from './dropout.ts';
export { embed, initEmbedding, type PaddedTokens, padTokens } from './embedding.ts';
export { gruStep, type GruWeights } from './gru.ts';
export { type GruInputs, type GruOutputs, gruSequence } from './gru-sequence.ts';
export { layerNorm } from './layer-norm.ts';
export { type LstmInputs, type LstmOutputs, lstmSequence } from './lstm.ts';
export {
  initRecurrentLayer,
  type RecurrentLayerConfig,
  type RecurrentLayerInputs,
  type RecurrentLayerOutputs,
  recurrentLayerStates,
  runRecurrentLayer,
} from './recurrent-layer.ts';
