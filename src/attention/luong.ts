/**
 * The attention of Luong, Pham and Manning, 2015, https://arxiv.org/abs/1508.04025, by the paper's names.
 *
 * Section 3.1, global: `dot`, `general`, `concat` (equation 8). Section 3.2, local: `localMonotonic` (local-m) and
 * `localPredictive` (local-p, equations 9 and 10). Section 3.3, input feeding, and equation 5 are the decoder's.
 */
export { concat } from './concat.ts';
export { localMonotonic, localPredictive } from './local.ts';
export { dot, general } from './multiplicative.ts';
