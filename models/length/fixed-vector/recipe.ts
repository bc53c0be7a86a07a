/** `hearken train models/length/fixed-vector/recipe.ts`: see ../variants.ts. */
import type { SequenceRecipe } from '../../../src/training/recipe.ts';
import { lengthRecipe } from '../variants.ts';

const recipe: SequenceRecipe = lengthRecipe('fixed-vector');

export default recipe;
