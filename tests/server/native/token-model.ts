import { tokenModel } from '../../../src/model/config-migration.ts';
import { initModel } from '../../../src/model/forward.ts';
import type { TokenStreamConfig } from '../../../src/tokens/config.ts';
import { Random } from '../../../src/tensor/random.ts';
import { salientRecall } from '../../../src/training/salient-recall.ts';

const memory = { depth: 8, heads: 2, window: 4, leafFanIn: 2, fanIn: 2, slots: 2, tokenCountBias: false };
export const TOKEN_CONFIG: TokenStreamConfig = { memory, alphabetSize: 8, labelCount: 6 };

/** Writes a token model to `folder`; its weights, which are untrained and answer as well, are those of `seed`. */
export async function writeTokenModel(folder: string, seed: number): Promise<void> {
  const task = salientRecall({
    memory,
    labelCount: TOKEN_CONFIG.labelCount,
    batchSize: 1,
    lengths: [6],
    curriculumSteps: 1,
    seed: 3,
    validationLengths: [6],
    validationCount: 1,
  });
  await task.save(folder, initModel(tokenModel(TOKEN_CONFIG), Random.seeded(seed)), {});
}

/** Frames of `i32le`. */
export function tokenBytes(tokens: Int32Array): Buffer {
  const bytes = Buffer.alloc(4 * tokens.length);
  for (const [index, token] of tokens.entries()) bytes.writeInt32LE(token, 4 * index);
  return bytes;
}
