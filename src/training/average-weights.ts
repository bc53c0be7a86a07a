/**
 * The mean of several models' weights: after Wortsman et al., "Model soups", 2022, https://arxiv.org/abs/2203.05482,
 * section 2 ("uniform soup"). It hears better than each of them where all were trained on from the same weights.
 */
import { HearkenError } from '../errors.ts';
import type { Checkpoint } from '../model/unchecked-checkpoint.ts';
import type { HostArray } from '../tensor/host-array.ts';

/**
 * A checkpoint of the first one's configuration, that says how each of them was trained. Throws `training/too-few` for none, `training/other-model` where names or shapes
 * of the weights differ.
 */
export function averageWeights(checkpoints: readonly Checkpoint[]): Checkpoint {
  const [first] = checkpoints;
  if (first === undefined) throw new HearkenError('training/too-few', 'Expected one checkpoint or more, got 0');
  const weights = Object.entries(first.weights).map(([name, array]) => [
    name,
    meanOf(
      name,
      checkpoints.map((each) => each.weights[name]),
      array,
    ),
  ]);
  return {
    config: { ...first.config, training: { averageOf: checkpoints.map(({ config }) => config.training ?? {}) } },
    weights: Object.fromEntries(weights) as Checkpoint['weights'],
  };
}

/** Mean of the arrays, summed in double precision. */
function meanOf(name: string, arrays: readonly (HostArray | undefined)[], { shape, data }: HostArray): HostArray {
  const sums = new Float64Array(data.length);
  for (const array of arrays) {
    if (array?.shape.join() !== shape.join()) {
      const got = array === undefined ? 'none' : `[${array.shape.join(', ')}]`;
      throw new HearkenError(
        'training/other-model',
        `Expected tensor \`${name}\` of shape [${shape.join(', ')}], got ${got}`,
      );
    }
    for (const [index, value] of array.data.entries()) sums[index] = sums[index]! + value;
  }
  return { shape, data: Float32Array.from(sums, (sum) => sum / arrays.length) };
}
