/**
 * `HEARKEN_ONLINE=mocha HEARKEN_SEED=1 npx hearken train models/online-digits/recipe.ts`: one of the decoders of `config.ts`, on
 * what the encoder of codes-en makes of synthesised digits.
 */
import { defineTask, type TaskRecipe } from '../../src/training/recipe.ts';
import { readCheckpoint } from '../../src/model/checkpoint.ts';
import { nameFrom, numberFrom } from '../environment.ts';
import { ENCODER_FOLDER, KINDS } from './config.ts';
import { onlineTask } from './task.ts';

const kind = nameFrom('HEARKEN_ONLINE', KINDS, 'mocha');
const seed = numberFrom('HEARKEN_SEED', 1);

const recipe: TaskRecipe = defineTask(onlineTask(kind, seed, await readCheckpoint(ENCODER_FOLDER)), {
  seed,
  steps: 600,
  learningRate: 1e-3,
  warmup: 50,
  validateEvery: 100,
  optimizer: { clipNorm: 1, averageDecay: 0.98 },
});

export default recipe;
