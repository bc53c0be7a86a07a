import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';

import { HearkenError } from '../src/errors.ts';
import { modelFolder } from '../src/model/model-folder.ts';
import { packageFile } from '../src/package-root.ts';
import { UsageError } from './usage-error.ts';

/** Files of a model's folder; one of them tells it from another folder, even where the model is damaged. */
const FILES = ['config.json', 'model.safetensors', 'onnx'];

/**
 * The folder of the model that a command line names: a path, or a model that comes with hearken. Throws a usage error where it is none, which
 * lists those that come with hearken and take in what the command gives.
 */
export function modelArgument(name: string, takesIn?: 'audio' | 'tokens' | 'image'): string {
  const refuse = (got: string): UsageError => {
    const known = shippedModels()
      .filter((each) => takesIn === undefined || sourceKindOf(each) === takesIn)
      .join(', ');
    return new UsageError(`Expected a model folder, or a model that comes with hearken (${known}), got ${got}`);
  };
  const folder = folderNamed(name);
  if (folder === undefined) throw refuse(`${name}: there is none`);
  if (!statSync(folder).isDirectory()) throw refuse(`the file ${name}`);
  if (!isModelFolder(folder) && existsSync(join(folder, 'recipe.ts'))) {
    throw refuse(
      `the folder ${name}, which holds a recipe and no weights: \`hearken train ${join(folder, 'recipe.ts')}\` makes them`,
    );
  }
  if (!isModelFolder(folder)) throw refuse(`the folder ${name}, which holds no model`);
  return folder;
}

function folderNamed(name: string): string | undefined {
  try {
    return modelFolder(name);
  } catch (error) {
    if (error instanceof HearkenError) return undefined;
    throw error;
  }
}

/** Whether `folder` holds something of a model. */
export function isModelFolder(folder: string): boolean {
  return FILES.some((file) => existsSync(join(folder, file)));
}

/** What a model that comes with hearken takes in; a configuration of version 1 is of speech. */
function sourceKindOf(name: string): string {
  const config = JSON.parse(readFileSync(packageFile(join('models', name, 'config.json')), 'utf8')) as {
    readonly source?: { readonly kind: string };
  }; // ours, as packed
  return config.source?.kind ?? 'audio';
}

/** Names of the models that come with hearken. */
export function shippedModels(): string[] {
  const folder = packageFile('models');
  const names = existsSync(folder) ? readdirSync(folder) : [];
  return names.filter((name) => existsSync(join(folder, name, 'config.json')));
}
