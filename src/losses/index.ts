/** `hearken/losses`: what models of sequences are trained by, as differentiable operations of tfjs. */
export { ctcLoss } from '../ctc/loss.ts';
export { smoothedCrossEntropy } from '../training/cross-entropy.ts';
export { averageLagging, expectedDelays, type LaggingInputs } from './lagging.ts';
export { scoreFunctionLoss } from './score-function.ts';
