/** `hearken train models/spelled-out/zh-words/recipe.ts`: see ../pairs.ts. */
import type { SequenceRecipe } from '../../../src/training/recipe.ts';
import { spelledOutRecipe } from '../pairs.ts';

const recipe: SequenceRecipe = spelledOutRecipe('zh', 'words');

export default recipe;
