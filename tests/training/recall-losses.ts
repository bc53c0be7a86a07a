/** A short training of salient recall with a seed, on any backend of tfjs. */
import { salientRecall } from '../../src/training/salient-recall.ts';
import { train } from '../../src/training/train.ts';

const SCHEDULE = { seed: 5, learningRate: 3e-3, warmup: 5 };
const RECALL = {
  memory: { depth: 8, heads: 2, window: 4, leafFanIn: 2, fanIn: 2, slots: 2, tokenCountBias: false },
  labelCount: 6,
  batchSize: 4,
  lengths: [8],
  curriculumSteps: 10,
  seed: 1,
  validationLengths: [8],
  validationCount: 4,
};

/** The loss of each of `steps` updates, on the backend of tfjs that is set. The memory has nodes: its window is 4 of 8. */
export async function recallLosses(steps: number): Promise<number[]> {
  const losses: number[] = [];
  const onStep = ({ loss }: { readonly loss: number }): void => void losses.push(loss);
  await train(salientRecall(RECALL), { ...SCHEDULE, steps, validateEvery: steps, onStep });
  return losses;
}
