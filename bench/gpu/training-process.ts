/** `training-process.ts DEVICE BATCH...`: sends the steps a second of a small recurrent model over a hierarchical memory, a message a batch. */
import { loadTrainingDevice, type TrainingDevice } from '../../src/backend/training-device.ts';
import { initModel } from '../../src/model/forward.ts';
import { Random } from '../../src/tensor/random.ts';
import { gradientsAt } from '../../src/training/gradients.ts';
import { initOptimizer, updateWeights } from '../../src/training/optimizer.ts';
import type { SequenceBatch } from '../../src/training/sequence-batches.ts';
import { sequenceLoss } from '../../src/training/sequence-task.ts';
import { configOf, OPTIMIZER, TOKENS } from '../train.ts';
import type { TrainingMessage } from './training-speed.ts';

const LENGTH = 64;
/** Milliseconds that a batch is measured for, after a step that compiles what is compiled; a step at the least. */
const ROW_MS = 2_000;

const CONFIG = configOf('gru');

const [, , device, ...batches] = process.argv;
const tell = (message: TrainingMessage): void => void process.send?.(message);
try {
  const { source, on } = await loadTrainingDevice(device as TrainingDevice); // as `measureTraining` gives it
  for (const batch of batches.map(Number)) {
    tell({ row: { device: `${source} on ${on}`, batch, stepsPerSecond: await stepsPerSecond(batch) } });
  }
} catch (error) {
  tell({ failed: error instanceof Error ? error.message : String(error) });
}
process.exit(); // a device of WebGPU would keep it alive

async function stepsPerSecond(size: number): Promise<number> {
  const random = Random.seeded(2);
  const batch: SequenceBatch = {
    inputs: Int32Array.from({ length: size * LENGTH }, () => random.integer(TOKENS)),
    lengths: new Array<number>(size).fill(LENGTH),
    labels: Array.from({ length: size }, () => random.integer(TOKENS)),
    targets: [],
    numbers: [],
  };
  const nothing = { dropout: 0, labelSmoothing: 0, scheduledSampling: 0 };
  let state = initOptimizer(initModel(CONFIG, Random.seeded(1)));
  const step = async (): Promise<void> => {
    const { gradients } = await gradientsAt<SequenceBatch>(
      (tensors, drawn, context) => sequenceLoss(tensors, CONFIG, nothing, drawn, context),
      state.weights,
      batch,
      { seed: 1, step: state.step, index: 0 },
    );
    ({ state } = updateWeights(state, gradients, 1e-3, OPTIMIZER));
  };
  await step();
  const [began, first] = [performance.now(), state.step];
  do await step();
  while (performance.now() - began < ROW_MS);
  return (state.step - first) / ((performance.now() - began) / 1_000);
}
