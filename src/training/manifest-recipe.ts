/** A recipe made of two manifests: a user's own words, in any language, without a line of code. */
import { HearkenError } from '../errors.ts';
import type { SpeechConfig } from '../model/speech-config.ts';
import { DEFAULT_DECODING } from '../model/decoding.ts';
import { SPEECH_FEATURES } from '../model/speech-features.ts';
import { Random } from '../tensor/random.ts';
import { perturbed } from './audio-perturbation.ts';
import type { AudioExample } from './examples.ts';
import { concatUtterances } from './concat-utterances.ts';
import { type ManifestEntry, readManifest } from './manifest.ts';
import { assertRecordings, readManifestSamples } from './manifest-samples.ts';
import type { ExampleSource, SpeechRecipe } from './recipe.ts';

export type ManifestOptions = {
  /** Path of the manifest to train on. */ readonly train: string;
  /** Path of the held-out manifest, of speakers that are not trained on where that can be had. */ readonly dev: string;
  /** Name of the model. */ readonly name: string;
};

/**
 * The most different words in a manifest. Words are labels, so a vocabulary is what a form or a command language needs,
 * not a dictionary.
 */
const MOST_WORDS = 1_000;
const SHARD_SIZE = 512;
const SAMPLE_RATE = SPEECH_FEATURES.sampleRate;
const SEED = 1;
/** Share of examples that come second in a stream, and the pause before them. */
const SECOND = { share: 0.25, pauseSeconds: { shortest: 0.6, longest: 2 } };

/**
 * Makes the recipe of two manifests. Throws as `readManifest` does, and `manifest/vocabulary` where there are too many
 * different words or dev has new ones; its examples throw as `assertRecordings` and `readManifestSamples` do.
 */
export async function manifestRecipe({ train, dev, name }: ManifestOptions): Promise<SpeechRecipe> {
  const [entries, heldOut] = [await readManifest(train), await readManifest(dev)];
  const labels = [...new Set(entries.flatMap(({ words }) => words))].toSorted();
  if (labels.length === 0 || labels.length > MOST_WORDS) {
    const expected = `1..${MOST_WORDS} different words in ${train}`;
    throw new HearkenError('manifest/vocabulary', `Expected ${expected}, got ${labels.length}`);
  }
  const unknown = heldOut.flatMap(({ words }) => words).find((word) => !labels.includes(word));
  if (unknown !== undefined) {
    throw new HearkenError('manifest/vocabulary', `Expected the words of ${dev} to be in ${train}, got '${unknown}'`);
  }
  return {
    config: manifestConfig(name, labels),
    training: {
      seed: SEED,
      steps: 2_000,
      learningRate: 2.5e-3,
      warmup: 200,
      validateEvery: 200,
      batchSize: 32,
      batchFrames: 10_240,
      ctcWeight: 0.7,
      labelSmoothing: 0.05,
      scheduledSampling: 0.1,
      dropout: 0.1,
      specAugment: { frequencyMasks: 2, frequencyMaskBands: 7, timeMasksPerSecond: 1, timeMaskFrames: 7 },
      shardPasses: 1,
    },
    examples: () => manifestExamples(entries, heldOut),
  };
}

async function manifestExamples(
  entries: readonly ManifestEntry[],
  heldOut: readonly ManifestEntry[],
): Promise<ExampleSource> {
  await assertRecordings([...entries, ...heldOut]);
  const recordings = await readAll(entries);
  const validation = await readAll(heldOut);
  return {
    shard: (index) => {
      const random = Random.seeded(SEED + 1 + index);
      // `integer` is below the number of recordings.
      const draw = (): AudioExample => recordings[random.integer(recordings.length)]!;
      return Array.from({ length: SHARD_SIZE }, () => {
        const isFirst = random.uniform() >= SECOND.share;
        const example = isFirst ? draw() : concatUtterances(draw(), draw(), drawPause(random));
        return perturbed(example, SAMPLE_RATE, random);
      });
    },
    validation: () => {
      const random = Random.seeded(SEED);
      return validation.map((example) => perturbed(example, SAMPLE_RATE, random, 'padding only'));
    },
  };
}

function drawPause(random: Random): number {
  const { shortest, longest } = SECOND.pauseSeconds;
  return Math.round((shortest + (longest - shortest) * random.uniform()) * SAMPLE_RATE);
}

async function readAll(entries: readonly ManifestEntry[]): Promise<AudioExample[]> {
  const examples: AudioExample[] = [];
  for (const entry of entries) {
    examples.push({ samples: await readManifestSamples(entry, SAMPLE_RATE), labels: entry.words, warp: 1 });
  }
  return examples;
}

function manifestConfig(name: string, labels: readonly string[]): SpeechConfig {
  const units = 128;
  return {
    format: 'hearken',
    version: 1,
    name,
    language: 'und',
    vocabulary: {
      labels,
      grammars: { words: labels.map((label) => ({ label, word: label })) },
      defaultGrammar: 'words',
    },
    features: SPEECH_FEATURES,
    encoder: { kind: 'lstm', frameStack: 4, units, layers: 2 },
    memory: { depth: units, heads: 4, window: 32, leafFanIn: 8, fanIn: 8, slots: 4, tokenCountBias: true },
    decoder: {
      order: 'luong',
      cell: 'gru',
      attention: { kind: 'global', score: 'location' },
      inputFeeding: true,
      firstState: 'zeros',
      units,
      attentionUnits: 64,
      embedding: 32,
      dropout: 0.1,
    },
    decoding: DEFAULT_DECODING,
  };
}
