/** What a model of a checkpoint folder writes of sequences, greedily, on the best tfjs backend: its graphs need not have been exported. */
import type { SequenceWriter } from '../corpora/sequence-accuracy.ts';
import { loadSequenceModel } from '../src/index.ts';
import { readModelCheckpoint } from '../src/model/checkpoint.ts';

export type LoadedWriter = {
  readonly write: SequenceWriter;
  /** The model's name in its configuration. */ readonly name: string;
  /** Numbers in the model's weights. */ readonly parameters: number;
  readonly dispose: () => Promise<void>;
};

/** Loads the model of sequences in `folder`, which is cut off after `limit` symbols. Throws as `readModelCheckpoint` and `loadSequenceModel` do. */
export async function loadWriter(folder: string, limit: number): Promise<LoadedWriter> {
  const { weights } = await readModelCheckpoint(folder);
  const model = await loadSequenceModel(folder, { device: 'tfjs' });
  return {
    write: async (inputs) => {
      const answers = await model.decodeAll(inputs, { beamSize: 1, maximumLength: limit });
      return answers.map(([best]) => best?.text ?? '');
    },
    name: model.config.name,
    parameters: Object.values(weights).reduce((sum, { data }) => sum + data.length, 0),
    dispose: () => model.dispose(),
  };
}
