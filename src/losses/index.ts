/** `hearken/losses`: what models of sequences are trained by, as differentiable operations of tfjs. */
export { ctcLoss } from '../ctc/loss.ts';
export { smoothedCrossEntropy } from '../training/cross-entropy.ts';
export {
  baselineLoss,
  initBaseline,
  learnedBaseline,
  type MovingBaseline,
  movingBaseline,
} from './baseline.ts';
export { averageLagging, expectedDelays, type LaggingInputs } from './lagging.ts';
export { type EntropyTerm, scoreFunctionLoss } from '../training/score-function.ts';
