/** `hearken train models/length/hierarchical/recipe.ts`: see ../variants.ts. */
import type { SequenceRecipe } from '../../../src/training/recipe.ts';
import { lengthRecipe } from '../variants.ts';

const recipe: SequenceRecipe = lengthRecipe('hierarchical');

export default recipe;
