/**
 * Averages the weights of models that were trained on from the same ones:
 * `npx tsx scripts/average-weights.ts MODEL... OUT`, then `npx hearken export OUT`.
 */
import { existsSync } from 'node:fs';
import { join } from 'node:path';

import { readCheckpoint, writeCheckpoint } from '../src/model/checkpoint.ts';
import { averageWeights } from '../src/training/average-weights.ts';

const folders = process.argv.slice(2);
const out = folders.pop();
if (out === undefined || folders.length < 2) throw new Error('Expected two model folders or more, and one to write to');
if (existsSync(join(out, 'config.json')))
  throw new Error(`Expected a new folder to write to, got ${out}, which holds a model`);
const checkpoints = await Promise.all(folders.map(async (folder) => readCheckpoint(folder)));
await writeCheckpoint(out, averageWeights(checkpoints));
process.stdout.write(`mean of ${folders.join(', ')} in ${out}\n`);
