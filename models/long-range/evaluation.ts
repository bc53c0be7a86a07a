/** What a trained model of the battery gives on its test sets, with the training's form of the model; streams give the same. */
import type { Weights } from '../../src/cell/cell.ts';
import type { ModelConfig } from '../../src/model/config.ts';
import { Random } from '../../src/tensor/random.ts';
import { sequenceBatches } from '../../src/training/sequence-batches.ts';
import { validateSequences } from '../../src/training/sequence-task.ts';
import type { TestFigures, TestSet } from './battery.ts';

/** The most inputs of a call, so that long sequences do not fill the machine's memory. */
const INPUTS_PER_CALL = 1 << 17;
const MOST_ROWS = 16;

/** Figures of one test set. Calls `onPart` with the number of sequences done. */
export async function measure(
  weights: Weights,
  config: ModelConfig,
  { length, count, example }: TestSet,
  onPart: (done: number) => void = () => undefined,
): Promise<TestFigures> {
  const batchSize = Math.max(1, Math.min(MOST_ROWS, Math.floor(INPUTS_PER_CALL / length)));
  let [wrong, loss] = [0, 0];
  for (let done = 0; done < count; done += batchSize) {
    const size = Math.min(batchSize, count - done);
    const examples = Array.from({ length: size }, (_, index) => example(done + index));
    const batches = sequenceBatches(examples, config, { batchSize: size }, Random.seeded(1));
    const figures = await validateSequences(weights, config, batches);
    wrong += size * (config.heads.regression === undefined ? figures.error : figures.error ** 2);
    loss += size * (figures['loss'] ?? 0);
    onPart(done + size);
  }
  const share = wrong / count;
  return {
    length,
    trials: count,
    error: config.heads.regression === undefined ? share : Math.sqrt(share),
    loss: loss / count,
  };
}

/** Number of a model's weights. */
export function parameterCount(weights: Weights): number {
  return Object.values(weights).reduce((sum, { size }) => sum + size, 0);
}
