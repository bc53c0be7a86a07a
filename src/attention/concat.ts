/**
 * Concatenative attention: `score(q, h_e) = v · tanh(W [q; h_e])`.
 *
 * Reference: Luong, Pham and Manning, 2015, equation 8, https://arxiv.org/abs/1508.04025
 *
 * `W [q; h_e]` is the sum of a product with the query and one with the entry: the latter are the keys. What sets it
 * apart from `additive` is the missing bias.
 *
 * Departures: none in the score; the paper's equation has no bias either.
 *
 * Shapes: H query depth, X entry depth, A attention units.
 */
import { additive, initAdditive, projectQuery, scoreEnergy } from './additive.ts';
import { addToKeys } from './score.ts';
import { type ScoredAttention, softmaxAttention } from './softmax-attention.ts';

/** Weights: `query` `[H, A]` and `key` `[X, A]`, the two parts of W, `score` v `[A]`. */
export const concat: ScoredAttention = softmaxAttention({
  ...additive.scoring,
  init: (sizes, random) => {
    const { query, key, score } = initAdditive(sizes, random);
    return { query, key, score };
  },
  score: (weights, { query, keys }) => scoreEnergy(weights, addToKeys(keys, projectQuery(weights, query))),
});
