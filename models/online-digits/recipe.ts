/**
 * `HEARKEN_ONLINE=mocha HEARKEN_SEED=1 npx hearken train models/online-digits/recipe.ts`: one of the decoders of `config.ts`, on
 * what the encoder of codes-en makes of synthesised digits.
 */
import { defineTask, type TaskRecipe } from '../../src/training/recipe.ts';
import { readCheckpoint } from '../../src/model/checkpoint.ts';
import { ENCODER_FOLDER, type Kind, KINDS } from './config.ts';
import { onlineTask } from './task.ts';

const { HEARKEN_ONLINE: asked = 'mocha', HEARKEN_SEED: seed = '1' } = process.env;
const kind: Kind | undefined = KINDS.find((each) => each === asked);
if (kind === undefined) throw new RangeError(`Expected HEARKEN_ONLINE to be one of ${KINDS.join(', ')}, got ${asked}`);

const recipe: TaskRecipe = defineTask(onlineTask(kind, Number(seed), await readCheckpoint(ENCODER_FOLDER)), {
  seed: Number(seed),
  steps: 600,
  learningRate: 1e-3,
  warmup: 50,
  validateEvery: 100,
  optimizer: { clipNorm: 1, averageDecay: 0.98 },
});

export default recipe;
