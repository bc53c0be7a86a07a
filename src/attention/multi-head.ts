/**
 * Several heads of any mechanism side by side, each with weights of its own:
 *
 *     context = concat_i(context_i V_i) O,  context_i = Σ_e alignment_i,e h_e
 *
 * Reference: Vaswani et al., 2017, section 3.2.2, https://arxiv.org/abs/1706.03762, where the mechanism is `scaledDot`
 *
 * Departures: entries are averaged before they are projected by V_i, which gives the same since both are linear, and
 * leaves nothing of the values to prepare.
 *
 * Shapes: B batch, E entries, D depth of a value, N heads.
 */
import * as tf from '@tensorflow/tfjs-core';

import { weight } from '../cell/cell.ts';
import { tensorAt } from '../cell/typed-tensors.ts';
import { assertInteger, HearkenError } from '../errors.ts';
import { normalArray } from '../tensor/random.ts';
import { type AttentionMechanism, type AttentionSizes, defineMechanism } from './mechanism.ts';
import { prefixed, under } from './named-weights.ts';

/** Where weights and states of head `index` are. */
export function headPrefix(index: number): string {
  return `head.${index}.`;
}

/**
 * `attentionUnits` and the depth of a value are shared out among the `heads`, 1 to 256. Weights: for each head i those of
 * the mechanism as `head.i.*`, `head.i.value` V_i `[D, D / N]`; `output` O `[D, D]`. State: the mechanism's, by head. The
 * alignment is the heads' mean. Throws `option/out-of-range`; a mechanism without weights is refused, for its heads would
 * all be one.
 *
 * @example
 * ```ts
 * import '@tensorflow/tfjs-backend-cpu';
 * import * as tf from '@tensorflow/tfjs-core';
 * import { multiHead, paddingBias, Random, scaledDot, tensorsOf } from 'hearken/attention';
 *
 * const mechanism = multiHead(scaledDot, 2);
 * const weights = tensorsOf(mechanism.init({ queryDepth: 6, memoryDepth: 4, attentionUnits: 8 }, Random.seeded(1)));
 * for (const [name, { shape }] of Object.entries(weights).slice(3)) console.log(name, shape);
 * const prepared = mechanism.prepare(weights, { values: tf.ones([1, 5, 4]), bias: paddingBias([5], 5) });
 * console.log(mechanism.attend(weights, tf.ones([1, 6]), prepared, {}).context.shape);
 * // => head.1.query [ 6, 4 ]
 * // => head.1.key [ 4, 4 ]
 * // => head.1.value [ 4, 2 ]
 * // => output [ 4, 4 ]
 * // => [ 1, 4 ]
 * ```
 */
export function multiHead(mechanism: AttentionMechanism, heads: number): AttentionMechanism {
  assertInteger('heads', heads, 1, 256);
  const indices = Array.from({ length: heads }, (_, index) => index);
  const ofHead = (sizes: AttentionSizes): AttentionSizes => ({
    ...sizes,
    attentionUnits: shareOf('attentionUnits', sizes.attentionUnits, heads),
  });
  return defineMechanism({
    states: Object.assign({}, ...indices.map((index) => prefixed(mechanism.states, headPrefix(index)))),
    init: (sizes, random) => {
      const depth = sizes.valueDepth ?? sizes.memoryDepth;
      const share = shareOf('the depth of a value', depth, heads);
      const parts = indices.map((index) => {
        const own = mechanism.init(ofHead(sizes), random);
        if (Object.keys(own).length === 0) {
          throw new HearkenError(
            'option/out-of-range',
            'Expected a mechanism with weights for each head, got one of none',
          );
        }
        return prefixed(
          { ...own, value: normalArray(random, [depth, share], 1 / Math.sqrt(depth)) },
          headPrefix(index),
        );
      });
      return Object.assign({}, ...parts, { output: normalArray(random, [depth, depth], 1 / Math.sqrt(depth)) });
    },
    keyDepth: (sizes) => heads * mechanism.keyDepth(ofHead(sizes)),
    keys: (weights, entries) =>
      tf.concat(
        indices.map((index) => mechanism.keys(under(weights, headPrefix(index)), entries)),
        2,
      ),
    align: (weights, query, { keys, values, bias }, state) => {
      const own = tf.split<tf.Tensor3D>(keys, heads, 2);
      const attended = indices.map((index) => {
        const prepared = { keys: tensorAt(own, index), values, bias };
        const [headWeights, headState] = [under(weights, headPrefix(index)), under(state, headPrefix(index))];
        const { context, ...rest } = mechanism.attend(headWeights, query, prepared, headState);
        return { ...rest, context: tf.matMul<tf.Tensor2D>(context, weight(headWeights, 'value')) }; // [B, D / N]
      });
      const joined = tf.concat<tf.Tensor2D>(
        attended.map(({ context }) => context),
        1,
      );
      const mean = tf.mul<tf.Tensor2D>(tf.addN(attended.map(({ alignment }) => alignment)), 1 / heads);
      return {
        alignment: mean,
        context: tf.matMul(joined, weight(weights, 'output')),
        state: Object.assign({}, ...attended.map((head, index) => prefixed(head.state, headPrefix(index)))),
      };
    },
  });
}

function shareOf(what: string, size: number, heads: number): number {
  if (size % heads === 0) return size / heads;
  throw new HearkenError('option/out-of-range', `Expected \`heads\` to divide ${what}, ${size}, got ${heads}`);
}
