// `npm run data:pieces`: learns the pieces of models/translate-en-de from the pairs that `npm run data:catalogs` makes, by PyPI's
// `tokenizers` in an environment of its own. The result is .data/translate-en-de/tokenizer.json.
import { existsSync } from 'node:fs';

import { runProgram } from '../corpora/programs.ts';
import { PIECE_COUNT } from '../models/translate-en-de/config.ts';

const ENVIRONMENT = '.data/python-tokenizers';
const PACKAGE = 'tokenizers==0.23.3';
const FOLDER = '.data/translate-en-de';

if (!existsSync(`${ENVIRONMENT}/bin/python`)) {
  await runProgram('python3', ['-m', 'venv', ENVIRONMENT]);
  await runProgram(`${ENVIRONMENT}/bin/python`, ['-m', 'pip', 'install', '--quiet', PACKAGE]);
}
const written = `${FOLDER}/tokenizer.json`;
await runProgram(`${ENVIRONMENT}/bin/python`, [
  'scripts/train-pieces.py',
  `${FOLDER}/train.tsv`,
  String(PIECE_COUNT),
  written,
]);
console.error(`${PIECE_COUNT} pieces are in ${written}`);
