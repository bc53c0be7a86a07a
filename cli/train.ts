import { basename, dirname, join, resolve } from 'node:path';
import { type Command, Option } from 'commander';

import type { BackendName } from '../src/backend/backends.ts';
import type { TrainingDevice } from '../src/backend/training-device.ts';
import { existingFile } from './existing.ts';
import { listenForInterruption } from './interruption.ts';
import { HearkenError } from '../src/errors.ts';
import { assertTrainingStack } from '../src/training-stack.ts';
import type { RecipeSource } from '../src/training/open-recipe.ts';
import { modelArgument } from './model-argument.ts';
import { wholeNumber } from './options.ts';
import { oneLine, printable } from './printable.ts';
import { createProgress } from './progress.ts';
import { openRunFolder } from './run-folder.ts';
import { UsageError } from './usage-error.ts';

type TrainOptions = {
  readonly manifest?: string;
  readonly dev?: string;
  readonly out?: string;
  readonly resume?: true;
  readonly from?: string;
  readonly steps?: number;
  readonly device: TrainingDevice;
  readonly backend?: BackendName;
};

const DETAILS = `
A recipe is a TypeScript or JavaScript file that exports by default which model to train, on what and how long
(defineRecipe of hearken/training). The run's folder gets log.jsonl, the best checkpoint, and the state from which a
run that was stopped or killed goes on to the same losses.

Without a recipe, two NeMo-style manifests do: JSON lines of audio_filepath, duration (seconds), text and, if need be,
offset. Their words become the vocabulary.

Examples:
  hearken train models/codes-en/recipe.ts
  hearken train my-words/recipe.ts --out runs/my-words --steps 4000
  hearken train my-words/recipe.ts --out runs/my-words --resume
  hearken train my-words/recipe.ts --out runs/longer --from runs/my-words
  hearken train --manifest train.jsonl --dev dev.jsonl --out models/my-words`;

export function addTrain(program: Command): void {
  program
    .command('train')
    .summary('train a model from a recipe, or from manifests of your recordings')
    .description('Trains a model with tfjs on the best of this machine (hearken devices lists what there is).')
    .argument('[recipe]', 'recipe file, .ts or .js')
    .option('--manifest <file>', 'recordings to train on, instead of a recipe (needs --dev and --out)')
    .option('--dev <file>', 'held-out recordings that choose the best weights')
    .option('-o, --out <folder>', 'folder of the run (default: .runs/NAME, NAME being the folder of the recipe)')
    .option('--resume', 'go on where the run in the folder stopped')
    .option(
      '--from <model>',
      'begin with the weights of this model (a folder, or the name of one that comes with hearken), of the same configuration',
    )
    .option('--steps <count>', "updates in all, instead of the recipe's number", wholeNumber(1, 1e9))
    .addOption(
      new Option('-d, --device <name>', 'what computes').choices(['auto', 'cpu', 'webgpu', 'cuda']).default('auto'),
    )
    .addOption(
      new Option('--backend <name>', 'this backend of tfjs instead, whatever it computes on')
        .choices(['tensorflow', 'webgpu', 'wasm', 'cpu'])
        .conflicts('device'),
    )
    .addHelpText('after', DETAILS)
    .action(runTraining);
}

async function runTraining(recipe: string | undefined, options: TrainOptions): Promise<void> {
  const { resume, steps, backend, device } = options;
  if (options.from !== undefined && resume !== undefined) {
    throw new UsageError('Expected --from, which begins a run, or --resume, got both');
  }
  const from = options.from === undefined ? undefined : modelArgument(options.from);
  const source = await sourceOf(recipe, options);
  const directory = options.out ?? join('.runs', basename(dirname(resolve(recipe ?? '.'))));
  assertTrainingStack(); // before the recipe, which imports tfjs too
  const { loadBackend } = await import('../src/backend/backends.ts');
  const { loadTrainingDevice } = await import('../src/backend/training-device.ts');
  const { openRecipe } = await import('../src/training/open-recipe.ts');
  const { batchesPerUpdate } = await import('../src/training/recipe.ts');
  const { trainRecipe } = await import('../src/training/train-recipe.ts');
  const opened = await openRecipe(source);
  const { training } = opened;
  if ('config' in opened) await assertConfig(opened.config);
  if ('task' in opened && from !== undefined) {
    throw new UsageError(`Expected a recipe of a model with --from, got ${recipe}, which trains a task of its own`);
  }
  await openRunFolder(directory, resume === true);
  // Batches side by side are a core's work each: native TensorFlow, which asks as it loads, must not share them out again.
  if (batchesPerUpdate(training) > 1) process.env['TF_NUM_INTRAOP_THREADS'] ??= '1';
  const loaded = backend === undefined ? await loadTrainingDevice(device) : await loadBackend(backend);
  const { source: backendSource, skipped } = loaded;
  const place = 'on' in loaded ? `, ${loaded.on},` : '';
  for (const { name, reason } of skipped) process.stderr.write(`skipped ${name}: ${oneLine(reason)}\n`);
  process.stderr.write(`training on ${backendSource}${printable(place)} in ${printable(directory)}\n`);
  using interruption = listenForInterruption();
  using progress = createProgress('training', steps ?? training.steps);
  await trainRecipe(source, {
    directory,
    ...(steps === undefined ? {} : { steps }),
    ...(from === undefined ? {} : { from }),
    signal: interruption.signal,
    onStep: ({ step, loss }) => progress.update(step, `loss ${loss.toFixed(3)}`),
    onValidation: ({ step, validation }) => {
      progress.clear();
      process.stderr.write(`step ${step}: ${describe(validation)}\n`);
    },
  });
  progress.clear();
  process.stdout.write(`${printable(directory)}\n`);
}

/** Throws a usage error where the recipe's model cannot be made, since no model's folder is damaged then. */
async function assertConfig(config: unknown): Promise<void> {
  const { parseModelConfig } = await import('../src/model/config.ts');
  try {
    parseModelConfig(config);
  } catch (error) {
    if (!(error instanceof HearkenError)) throw error;
    throw new UsageError(`${error.message} in the recipe`, { cause: error });
  }
}

/**
 * The recipe or manifests to train on. Throws a usage error unless there is a recipe, or both manifests and a folder
 * for the model.
 */
async function sourceOf(recipe: string | undefined, { manifest, dev, out }: TrainOptions): Promise<RecipeSource> {
  if (recipe !== undefined) {
    if (manifest !== undefined) throw new UsageError('Expected a recipe or --manifest, got both');
    await existingFile(recipe);
    return { recipe };
  }
  if (manifest === undefined || dev === undefined || out === undefined) {
    throw new UsageError('Expected a recipe, or --manifest FILE --dev FILE --out DIR, got neither');
  }
  const { readManifest } = await import('../src/training/manifest.ts');
  const { assertRecordings } = await import('../src/training/manifest-samples.ts');
  for (const file of [manifest, dev]) {
    await existingFile(file);
    await assertRecordings(await readManifest(file));
  }
  return { manifest: { train: manifest, dev, name: basename(resolve(out)) } };
}

function describe(figures: Readonly<Record<string, number>>): string {
  return Object.entries(figures)
    .map(([name, value]) => `${name} ${/error/i.test(name) ? `${(100 * value).toFixed(2)} %` : value.toFixed(4)}`)
    .join(', ');
}
