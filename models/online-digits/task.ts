/** Training one of the decoders over what codes-en's encoder made of speech: the task of one's own that `hearken train` runs here. */
import { initDecoder } from '../../src/decoder/decoder.ts';
import { averageLagging } from '../../src/losses/lagging.ts';
import { writeCheckpoint } from '../../src/model/checkpoint.ts';
import type { Checkpoint } from '../../src/model/unchecked-checkpoint.ts';
import type { HostArray, HostArrays } from '../../src/tensor/host-array.ts';
import { Random } from '../../src/tensor/random.ts';
import { decoderTask, type EncodedExample } from '../../src/training/decoder-task.ts';
import type { Task } from '../../src/training/task.ts';
import { configOf, decoderOf, type Kind, VECTORS_FOLDER } from './config.ts';
import { withoutDecoder } from './folders.ts';
import { readExamples } from './vectors.ts';

const TRAINING = {
  batchSize: 32,
  labelSmoothing: 0.05,
  scheduledSampling: 0.1,
} as const;
/** MILk could always wait for the end; its paper weighs its lagging, too. The others see nothing that waiting would bring. */
const WAITING = { weight: 0.002, loss: averageLagging };

/** Trains the decoder of `kind` for the encoder of `shipped`, with whose own decoder it begins as far as they are alike. */
export function onlineTask(kind: Kind, seed: number, shipped: Checkpoint): Task<readonly EncodedExample[]> {
  const { memory } = configOf(kind);
  const training = { ...TRAINING, seed, ...(kind === 'milk' && { waiting: WAITING }) };
  return {
    ...decoderTask(decoderOf(kind), memory.depth, training, {
      training: () => readExamples(VECTORS_FOLDER, 'train'),
      validation: () => readExamples(VECTORS_FOLDER, 'dev'),
    }),
    initialWeights: () => firstWeights(kind, seed, shipped.weights),
    save: (folder, weights, provenance) => {
      const config = { ...configOf(kind), training: { ...provenance, encoder: shipped.config.name } };
      return writeCheckpoint(folder, { config, weights: { ...withoutDecoder(shipped.weights), ...weights } });
    },
  };
}

/** Weights of a score, which the shipped decoder has, too. */
const OF_SCORE: ReadonlySet<string> = new Set(['query', 'key', 'bias', 'score']);

/**
 * The shipped decoder, whose score becomes the one of stopping, of soft attention or of both; what it does not have is drawn by `seed`. So the
 * first logit of stopping is its score, and runs of unlike seeds differ in the order of examples, dropout, sampling and noise.
 */
function firstWeights(kind: Kind, seed: number, shipped: HostArrays): HostArrays {
  const { memory, vocabulary } = configOf(kind);
  const sizes = { depth: memory.depth, labelCount: vocabulary.labels.length };
  const first: Record<string, HostArray> = initDecoder(decoderOf(kind), sizes, Random.seeded(seed));
  for (const name of Object.keys(first)) {
    const part = /attention\.(?:stop\.|soft\.)?(\w+)$/.exec(name)?.[1] ?? '';
    const known = shipped[OF_SCORE.has(part) ? `decoder.attention.${part}` : name];
    if (known !== undefined) first[name] = known;
    if (part === 'gain')
      first[name] = { shape: [1], data: Float32Array.of(normOf(shipped['decoder.attention.score'])) };
  }
  return first;
}

function normOf(array: HostArray | undefined): number {
  return Math.hypot(...(array?.data ?? []));
}
