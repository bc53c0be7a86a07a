/**
 * What the encoder of codes-en makes of synthesised digits, encoded once and kept in a file: the encoder stays as it is, so that a
 * training of decoders need not run it.
 */
import { existsSync } from 'node:fs';
import { mkdir, readFile } from 'node:fs/promises';
import path from 'node:path';

import { CLIP_RATE } from '../../corpora/clip.ts';
import { floatsNamed } from '../../src/cell/rows.ts';
import { HearkenError } from '../../src/errors.ts';
import { writeWhole } from '../../src/model/write-whole.ts';
import { type Engine } from '../../src/recognizer/engine.ts';
import { loadEngine } from '../../src/recognizer/load-engine.ts';
import { concatenate } from '../../src/tensor/concatenate.ts';
import { Random } from '../../src/tensor/random.ts';
import { decodeSafetensors, encodeSafetensors } from '../../src/tensor/safetensors.ts';
import { labelIds } from '../../src/text/vocabulary.ts';
import type { AudioExample } from '../../src/training/examples.ts';
import type { EncodedExample } from '../../src/training/decoder-task.ts';
import { speechFrames } from '../../src/training/speech-batches.ts';
import { type Augmenter, createAugmenter } from '../codes-en/augment.ts';
import { DIGIT_LABELS } from '../codes-en/words.ts';
import { synthesizeSpeech } from './speech.ts';

const SYNTHESIS_FOLDER = '.data/online-digits/synthesis';
const NOISE_FOLDER = '.data/noise';
const SEED = 14;
const COUNTS = { train: 2_000, dev: 150 } as const;
/** Samples of the longest example: 4.8 s, so that a batch is small. */
const LONGEST = 4.8 * CLIP_RATE;
/** Examples that the augmenter makes at a time; half of them are letters, and go. */
const SHARD_SIZE = 256;

/**
 * The examples of `split` in `folder`, encoded now where they are not there yet. Throws `corpora/missing-...` where speech cannot be
 * synthesised or noise is missing, naming what installs it.
 */
export async function readExamples(folder: string, split: keyof typeof COUNTS): Promise<EncodedExample[]> {
  const file = path.join(folder, `${split}.safetensors`);
  if (!existsSync(file)) await encodeTo(file, split);
  const { vectors, lengths, labels, labelCounts } = decodeSafetensors(await readFile(file)).tensors;
  if (
    !(vectors?.data instanceof Float32Array) ||
    lengths === undefined ||
    labels === undefined ||
    labelCounts === undefined
  ) {
    throw new HearkenError('model/missing-tensor', `Expected encoded examples in ${file}, got another file`);
  }
  const { data } = vectors;
  const depth = vectors.shape[1] ?? 0;
  let [row, label] = [0, 0];
  return Array.from(lengths.data, (length, index) => {
    const count = labelCounts.data[index] ?? 0;
    const example = {
      vectors: data.subarray(row * depth, (row + length) * depth),
      labels: Int32Array.from(labels.data.subarray(label, label + count)),
    };
    row += length;
    label += count;
    return example;
  });
}

async function encodeTo(file: string, split: keyof typeof COUNTS): Promise<void> {
  await synthesizeSpeech(SYNTHESIS_FOLDER);
  const options = { synthesisDir: SYNTHESIS_FOLDER, noiseDir: NOISE_FOLDER, seed: SEED, split };
  const augmenter = await createAugmenter(options);
  const engine = await loadEngine('models/codes-en', 'cpu');
  try {
    const examples: EncodedExample[] = [];
    for await (const example of encoded(engine, augmenter, COUNTS[split])) examples.push(example);
    const depth = engine.config.memory.depth;
    const lengths = Int32Array.from(examples, ({ vectors }) => vectors.length / depth);
    const total = lengths.reduce((sum, length) => sum + length, 0);
    const labels = Int32Array.from(examples.flatMap((example) => [...example.labels]));
    const count = examples.length;
    await mkdir(path.dirname(file), { recursive: true });
    const bytes = encodeSafetensors({
      vectors: { shape: [total, depth], data: concatenate(examples.map(({ vectors }) => vectors)) },
      lengths: { shape: [count], data: lengths },
      labels: { shape: [labels.length], data: labels },
      labelCounts: { shape: [count], data: Int32Array.from(examples, (example) => example.labels.length) },
    });
    await writeWhole(file, bytes);
  } finally {
    await engine.executor[Symbol.asyncDispose]();
  }
}

/** The first `count` examples of digits. */
async function* encoded(engine: Engine, augmenter: Augmenter, count: number): AsyncGenerator<EncodedExample> {
  const random = Random.seeded(SEED);
  let made = 0;
  for (let shard = 0; made < count; shard++) {
    const digits = augmenter.makeShard(shard, SHARD_SIZE).filter(isShortString);
    for (const example of digits.slice(0, count - made)) {
      made++;
      yield await encode(engine, example, random);
    }
  }
}

function isShortString({ samples, labels }: AudioExample): boolean {
  return samples.length <= LONGEST && labels.every((label) => DIGIT_LABELS.includes(label));
}

async function encode({ config, executor, encoderStart, sizes }: Engine, example: AudioExample, random: Random) {
  const data = speechFrames(config, example, random);
  const length = data.length / sizes.frameDepth;
  const frames = { shape: [1, length, sizes.frameDepth], data };
  const outputs = await executor.run('encode', { frames, ...encoderStart });
  const samplesPerVector = config.features.hopLength * config.encoder.frameStack;
  const start = Math.floor((example.preceding?.end ?? 0) / samplesPerVector);
  return {
    vectors: floatsNamed(outputs, 'vectors').slice(start * sizes.depth), // a copy: the call's outputs need not stay
    labels: Int32Array.from(labelIds(config.vocabulary, example.labels)),
  };
}
