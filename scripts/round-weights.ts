/**
 * A model with its weights rounded to half precision, in which they and the graphs are then stored, in half the bytes:
 * `npx tsx scripts/round-weights.ts MODEL OUT`, then `npx hearken export OUT`.
 */
import { existsSync } from 'node:fs';
import { copyFile } from 'node:fs/promises';
import { join } from 'node:path';

import { readModelCheckpoint, writeCheckpoint } from '../src/model/checkpoint.ts';
import { roundToHalf } from '../src/tensor/half.ts';
import { TOKENIZER_FILE } from '../src/text/symbols.ts';

const [folder, out, ...more] = process.argv.slice(2);
if (folder === undefined || out === undefined || more.length > 0)
  throw new Error('Expected a model folder and one to write to');
const { config, weights } = await readModelCheckpoint(folder);
const rounded = Object.entries(weights).map(([name, { shape, data }]) => {
  return [name, { shape, data: Float32Array.from(data, roundToHalf) }] as const;
});
await writeCheckpoint(out, { config, weights: Object.fromEntries(rounded) });
const tokenizer = join(folder, TOKENIZER_FILE);
if (existsSync(tokenizer)) await copyFile(tokenizer, join(out, TOKENIZER_FILE));
process.stdout.write(`${folder} in half precision in ${out}\n`);
