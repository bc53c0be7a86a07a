/** `hearken/text`: scores of texts against references. Nothing here computes with tensors. */
export { bleu, type BleuScore, tokenize13a } from './bleu.ts';
export { chrf, type ChrfOptions, type ChrfScore } from './chrf.ts';
export {
  bootstrapInterval,
  countErrors,
  type ErrorCounts,
  type Interval,
  sumErrors,
  wordErrorRate,
} from './error-rate.ts';
