/**
 * `hearken/attention`: the attention family, pure functions over tfjs tensors with one interface for all.
 *
 * Weights, queries and memories are tensors of `@tensorflow/tfjs-core`, a peer dependency. All copies of it in a process have one
 * engine, so that tensors of another copy work, too; `npm ls @tensorflow/tfjs-core` shows whether there is a single one.
 */
export type { Cell, Weights } from '../cell/cell.ts';
export type { TensorSpec } from '../cell/tensor-spec.ts';
export type { HostArray, HostArrays } from '../tensor/host-array.ts';
export { normalArray, Random, type RandomState } from '../tensor/random.ts';
export { tensorsOf } from '../tensor/tensors-of.ts';
export { additive } from './additive.ts';
export { attentionNamed } from './attention-named.ts';
export { averagePooling } from './average-pooling.ts';
export { attentionCells } from './cells.ts';
export type { AttentionConfig } from './config.ts';
export type { ChunkwiseOptions } from './chunkwise.ts';
export { cosine } from './cosine.ts';
export { crop } from './crop.ts';
export { type FeatureMask, hardMask, type Masked, type MaskSizes, softMask } from './feature-mask.ts';
export { gaussianFilters, gaussianGlimpse, type GlimpseSizes } from './gaussian-glimpse.ts';
export { HIDDEN, paddingBias } from './hidden.ts';
export type { ImageFilters } from './image-filters.ts';
export { type Kernel, kernelRegression, type KernelRegressionOptions } from './kernel-regression.ts';
export type { LocalOptions } from './local.ts';
export { location } from './location.ts';
export { concat, dot, general, localMonotonic, localPredictive } from './luong.ts';
export {
  type Aligned,
  type Attended,
  type AttentionMechanism,
  type AttentionMemory,
  type AttentionRule,
  type AttentionSizes,
  type AttentionState,
  defineMechanism,
  type PreparedMemory,
} from './mechanism.ts';
export { milk } from './milk.ts';
export { mocha, type MochaOptions } from './mocha.ts';
export { monotonic } from './monotonic.ts';
export { multiHead } from './multi-head.ts';
export { scaledDot } from './multiplicative.ts';
export { network } from './network.ts';
export { sampledAttention, type SampledOptions } from './sampled.ts';
export { type ScoreInputs, type AttentionScore } from './score.ts';
export { type AttentionScoreName } from './score-name.ts';
export { ATTENTION_SCORES } from './scores.ts';
export { type SelfAttended, selfAttention, type SelfAttention, type SelfAttentionOptions } from './self-attention.ts';
export { type ScoredAttention, softmaxAttention } from './softmax-attention.ts';
export type { StopOptions } from './stops.ts';
