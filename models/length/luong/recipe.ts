/** `hearken train models/length/luong/recipe.ts`: see ../variants.ts. */
import type { SequenceRecipe } from '../../../src/training/recipe.ts';
import { lengthRecipe } from '../variants.ts';

const recipe: SequenceRecipe = lengthRecipe('luong');

export default recipe;
