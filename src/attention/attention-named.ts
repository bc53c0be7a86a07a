import { oneOf } from '../arguments.ts';
import type { AttentionConfig } from './config.ts';
import { localMonotonic, localPredictive } from './local.ts';
import type { AttentionMechanism } from './mechanism.ts';
import { milk } from './milk.ts';
import { mocha } from './mocha.ts';
import { monotonic } from './monotonic.ts';
import { sampledAttention } from './sampled.ts';
import type { AttentionScoreName } from './score-name.ts';
import { ATTENTION_SCORES } from './scores.ts';
import type { ScoredAttention } from './softmax-attention.ts';
import type { StopOptions } from './stops.ts';

/**
 * The mechanism that `config` names; `options` say how those that stop do. Throws `option/unknown-value` on a score that there
 * is not, and `option/out-of-range`.
 *
 * @example
 * ```ts
 * import { attentionNamed } from 'hearken/attention';
 *
 * const training = attentionNamed({ kind: 'mocha', score: 'additive', chunk: 4 });
 * const use = attentionNamed({ kind: 'mocha', score: 'additive', chunk: 4 }, { stops: 'hard' });
 * console.log(Object.keys(training.states), Object.keys(use.states));
 * // => [ 'ahead' ] [ 'ahead' ]
 * ```
 */
export function attentionNamed(config: AttentionConfig, options: StopOptions = {}): AttentionMechanism {
  switch (config.kind) {
    case 'global':
      return scored(config.score);
    case 'sampled':
      return sampledAttention({
        attention: scored(config.score),
        ...(options.noise === undefined ? {} : { random: options.noise, expected: EXPECTED }),
      });
    case 'local-m':
      return localMonotonic({ reach: config.reach, attention: scored(config.score) });
    case 'local-p':
      return localPredictive({ reach: config.reach, attention: scored(config.score) });
    case 'monotonic':
      return monotonic(options);
    case 'mocha':
      return mocha({ ...options, chunk: config.chunk, attention: scored(config.score) });
    case 'milk':
      return milk({ ...options, attention: scored(config.score) });
    default:
      return config satisfies never;
  }
}

/** Share of rows that see the mean by the alignment in training, in place of one entry: that of Xu et al., 2015, section 4.1. */
const EXPECTED = 0.5;

function scored(name: AttentionScoreName): ScoredAttention {
  oneOf(...Object.keys(ATTENTION_SCORES))('score', name);
  return ATTENTION_SCORES[name];
}
