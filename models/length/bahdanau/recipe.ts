/** `hearken train models/length/bahdanau/recipe.ts`: see ../variants.ts. */
import type { SequenceRecipe } from '../../../src/training/recipe.ts';
import { lengthRecipe } from '../variants.ts';

const recipe: SequenceRecipe = lengthRecipe('bahdanau');

export default recipe;
