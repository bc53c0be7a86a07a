/** `hearken train models/spelled-out/en-digits/recipe.ts`: see ../pairs.ts. */
import type { SequenceRecipe } from '../../../src/training/recipe.ts';
import { spelledOutRecipe } from '../pairs.ts';

const recipe: SequenceRecipe = spelledOutRecipe('en', 'digits');

export default recipe;
