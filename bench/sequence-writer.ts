/** What a model of a checkpoint folder writes of sequences, by the arithmetic it was trained in: greedily, on the best tfjs backend. */
import * as tf from '@tensorflow/tfjs-core';

import type { SequenceWriter } from '../corpora/sequence-accuracy.ts';
import { loadBackend } from '../src/backend/backends.ts';
import { decodeGreedily } from '../src/decoder/greedy.ts';
import { HearkenError } from '../src/errors.ts';
import { readModelCheckpoint } from '../src/model/checkpoint.ts';
import { forward, type ForwardOutputs } from '../src/model/forward.ts';
import { tensorsOf } from '../src/tensor/tensors-of.ts';
import { type SymbolCodec, symbolCodec } from '../src/text/symbols.ts';

export type LoadedWriter = {
  readonly write: SequenceWriter;
  /** The model's name in its configuration. */ readonly name: string;
  /** Numbers in the model's weights. */ readonly parameters: number;
  readonly dispose: () => void;
};

/**
 * Loads the model of tokens with a decoder in `folder`, which is cut off after `limit` symbols. Throws as `readModelCheckpoint` does, and `model/config` where it is another
 * kind of model.
 */
export async function loadWriter(folder: string, limit: number): Promise<LoadedWriter> {
  const { config, weights: arrays } = await readModelCheckpoint(folder);
  const { source, heads } = config;
  if (source.kind !== 'tokens' || heads.decoder?.symbols === undefined) {
    throw new HearkenError('model/config', `Expected ${folder} to be a model of tokens with a decoder`);
  }
  const { decoder } = heads;
  const [reader, writer] = [symbolCodec(source.symbols), symbolCodec(heads.decoder.symbols)];
  await loadBackend();
  const weights = tensorsOf(arrays);
  const write: SequenceWriter = async (inputs) => {
    if (inputs.length === 0) return [];
    const { ids, lengths, longest } = paddedIds(reader, inputs);
    const { entries, bias, final } = tf.tidy((): Pick<ForwardOutputs, 'entries' | 'bias' | 'final'> => {
      const outputs = forward(weights, config, {
        inputs: tf.tensor2d(ids, [lengths.length, longest], 'int32'),
        lengths,
      });
      return { entries: outputs.entries, bias: outputs.bias, final: outputs.final };
    });
    try {
      const decoded = await decodeGreedily(weights, decoder, { entries, bias, final, limit });
      return decoded.map(({ labels }) => writer.decode(labels.map((label) => label - 1)));
    } finally {
      tf.dispose([entries, bias, final]);
    }
  };
  const parameters = Object.values(arrays).reduce((sum, { data }) => sum + data.length, 0);
  return { write, name: config.name, parameters, dispose: () => tf.dispose(weights) };
}

/** Ids of `texts`, row-major, 0 behind a row's end. */
function paddedIds(
  codec: SymbolCodec,
  texts: readonly string[],
): { ids: Int32Array; lengths: number[]; longest: number } {
  const rows = texts.map((text) => codec.encode(text));
  const lengths = rows.map(({ length }) => length);
  const longest = Math.max(...lengths);
  const ids = new Int32Array(rows.length * longest);
  for (const [index, row] of rows.entries()) ids.set(row, index * longest);
  return { ids, lengths, longest };
}
