/** `hearken train models/spelled-out/en-words/recipe.ts`: see ../pairs.ts. */
import type { SequenceRecipe } from '../../../src/training/recipe.ts';
import { spelledOutRecipe } from '../pairs.ts';

const recipe: SequenceRecipe = spelledOutRecipe('en', 'words');

export default recipe;
