/** `hearken train models/spelled-out/zh-digits/recipe.ts`: see ../pairs.ts. */
import type { SequenceRecipe } from '../../../src/training/recipe.ts';
import { spelledOutRecipe } from '../pairs.ts';

const recipe: SequenceRecipe = spelledOutRecipe('zh', 'digits');

export default recipe;
