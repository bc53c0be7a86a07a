import { fileURLToPath } from 'node:url';

import { defineRecipe, type SequenceRecipe } from '../../src/training/recipe.ts';
import sequences from './sequence-recipe.ts';

const recipe: SequenceRecipe = defineRecipe({
  ...sequences,
  tokenizer: fileURLToPath(new URL('../golden/pieces/pieces.json', import.meta.url)),
});

export default recipe;
