import { existsSync } from 'node:fs';
import { basename, dirname, join, resolve } from 'node:path';
import type { Command } from 'commander';

import { existingFile } from './existing.ts';
import { interruption } from './interruption.ts';
import { wholeNumber } from './options.ts';
import { createProgress } from './progress.ts';
import { UsageError } from './usage-error.ts';

type TrainOptions = {
  readonly out?: string;
  readonly resume?: true;
  readonly steps?: number;
  readonly backend?: 'tensorflow' | 'webgpu' | 'wasm' | 'cpu';
};

const DETAILS = `
A recipe is a TypeScript or JavaScript file that exports by default which model to train, on what and how long
(defineRecipe of hearken/training). The run's folder gets log.jsonl, the best checkpoint, and the state from which a
run that was stopped or killed goes on to the same losses.

Examples:
  hearken train models/codes-en/recipe.ts
  hearken train my-words/recipe.ts --out runs/my-words --steps 4000
  hearken train my-words/recipe.ts --out runs/my-words --resume`;

export function addTrain(program: Command): void {
  program
    .command('train')
    .summary('train a model from a recipe')
    .description('Trains a model on the best tfjs backend of this machine (hearken devices lists them).')
    .argument('<recipe>', 'recipe file, .ts or .js')
    .option('-o, --out <folder>', 'folder of the run (default: .runs/NAME, NAME being the folder of the recipe)')
    .option('--resume', 'go on where the run in the folder stopped')
    .option('--steps <count>', "updates in all, instead of the recipe's number", wholeNumber)
    .option('--backend <name>', 'tensorflow, webgpu, wasm or cpu (default: the first of them that works)')
    .addHelpText('after', DETAILS)
    .action(runTraining);
}

async function runTraining(recipe: string, { out, resume, steps, backend }: TrainOptions): Promise<void> {
  await existingFile(recipe);
  const directory = out ?? join('.runs', basename(dirname(resolve(recipe))));
  const hasRun = existsSync(join(directory, 'run-state.safetensors'));
  if (hasRun && resume === undefined) {
    throw new UsageError(`Expected a new folder, got ${directory}, which holds a run: add --resume to go on with it`);
  }
  const { loadBackend } = await import('../src/runtime/backends.ts');
  const { loadRecipe } = await import('../src/training/load-recipe.ts');
  const { trainSpeech } = await import('../src/training/train-speech.ts');
  const { training } = await loadRecipe(recipe);
  const { source, skipped } = await loadBackend(backend);
  for (const { name, reason } of skipped) process.stderr.write(`skipped ${name}: ${reason}\n`);
  process.stderr.write(`training on ${source} in ${directory}\n`);
  const progress = createProgress('training', steps ?? training.steps);
  await trainSpeech(recipe, {
    directory,
    ...(steps === undefined ? {} : { steps }),
    signal: interruption(),
    onStep: ({ step, loss }) => progress.update(step, `loss ${loss.toFixed(3)}`),
    onValidation: ({ step, validation }) => {
      progress.clear();
      process.stderr.write(`step ${step}: ${describe(validation)}\n`);
    },
  });
  progress.clear();
  process.stdout.write(`${directory}\n`);
}

function describe(figures: Readonly<Record<string, number>>): string {
  return Object.entries(figures)
    .map(([name, value]) => `${name} ${(100 * value).toFixed(2)} %`)
    .join(', ');
}
