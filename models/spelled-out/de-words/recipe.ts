/** `hearken train models/spelled-out/de-words/recipe.ts`: see ../pairs.ts. */
import type { SequenceRecipe } from '../../../src/training/recipe.ts';
import { spelledOutRecipe } from '../pairs.ts';

const recipe: SequenceRecipe = spelledOutRecipe('de', 'words');

export default recipe;
