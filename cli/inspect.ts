import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { Command } from 'commander';

import type { ModelConfig } from '../src/model/config.ts';
import { isSpeechModel, speechConfigOf } from '../src/model/config-migration.ts';
import { describeParts } from '../src/model/describe-parts.ts';
import { GRAPHS_FOLDER } from '../src/cell/graph-names.ts';
import type { ModelCheckpoint } from '../src/model/unchecked-checkpoint.ts';
import { missingTrainingPackages } from '../src/training-stack.ts';
import { modelArgument } from './model-argument.ts';
import { printable } from './printable.ts';
import { printTable } from './table.ts';

type InspectOptions = { readonly json?: true; readonly tensors?: true };

/** Output of `hearken inspect --json`, where a recogniser's configuration is in the form of version 1. */
type Inspection = {
  readonly config: ModelConfig;
  readonly parameters: number;
  readonly tensors: readonly { readonly name: string; readonly shape: readonly number[] }[];
  readonly graphs: readonly string[];
  /** Whether the weights were found to be those of the configuration; they are not looked at without the packages of training. */
  readonly isChecked: boolean;
};

const DETAILS = `
Reads everything and checks it: a folder that is damaged or written for another version is refused with the name of the
field or tensor. Without the packages of training (docs/guides/deploying.md) names and shapes of tensors are not checked.

Examples:
  hearken inspect codes-en
  hearken inspect codes-en --tensors
  hearken inspect runs/my-words --json`;

export function addInspect(program: Command): void {
  program
    .command('inspect')
    .summary('what a model is made of')
    .description('Says what a model hears, how it is built, and whether its folder is whole.')
    .argument('<model>', 'model folder, or the name of a model that comes with hearken')
    .option('--tensors', 'list every weight')
    .option('--json', 'print all of it for programs')
    .addHelpText('after', DETAILS)
    .action(async (name: string, options: InspectOptions) => {
      const inspection = await inspect(modelArgument(name));
      const { config } = inspection;
      const told = { ...inspection, config: isSpeechModel(config) ? speechConfigOf(config) : config };
      if (options.json) process.stdout.write(`${JSON.stringify(told, null, 2)}\n`);
      else printInspection(inspection, options.tensors === true);
    });
}

async function inspect(folder: string): Promise<Inspection> {
  const isChecked = missingTrainingPackages().length === 0;
  const { config, weights } = await (isChecked ? readChecked : readUnchecked)(folder);
  const graphs = await readdir(join(folder, GRAPHS_FOLDER)).catch(() => []);
  return {
    config,
    parameters: Object.values(weights).reduce((sum, { data }) => sum + data.length, 0),
    tensors: Object.entries(weights).map(([name, { shape }]) => ({ name, shape })),
    graphs: graphs.filter((file) => file.endsWith('.onnx')).toSorted(),
    isChecked,
  };
}

function vocabularyRows({ labels, grammars }: NonNullable<ModelConfig['vocabulary']>): string[][] {
  const ofGrammars = Object.entries(grammars).map(([name, entries]) => [
    `grammar ${name}`,
    entries.map(({ word }) => word).join(' '),
  ]);
  return [['labels', labels.join(' ')], ...ofGrammars];
}

/** A row a knob: its path and its value. */
function knobs(path: string, value: object): string[][] {
  return Object.entries(value).flatMap(([name, inner]: [string, unknown]) =>
    typeof inner === 'object' && inner !== null
      ? knobs(`${path}.${name}`, inner)
      : [[`${path}.${name}`, String(inner)]],
  );
}

async function readChecked(folder: string): Promise<ModelCheckpoint> {
  const { readModelCheckpoint } = await import('../src/model/checkpoint.ts');
  return readModelCheckpoint(folder);
}

async function readUnchecked(folder: string): Promise<ModelCheckpoint> {
  const { readUncheckedModel } = await import('../src/model/unchecked-checkpoint.ts');
  return readUncheckedModel(folder);
}

function printInspection(inspection: Inspection, withTensors: boolean): void {
  const { config, parameters, tensors, graphs, isChecked } = inspection;
  const { name: title, language, vocabulary, decoding, training = {} } = config;
  const rows = [
    ['model', language === undefined ? title : `${title} (${language})`],
    ['parameters', parameters.toLocaleString('en')],
    ...(vocabulary === undefined ? [] : vocabularyRows(vocabulary)),
    ...describeParts(config).map(([part, text]) => [part, text]),
    ...(decoding === undefined ? [] : knobs('decoding', decoding)),
    ['graphs', graphs.length > 0 ? graphs.join(' ') : 'none: hearken export writes them'],
    ...(isChecked
      ? []
      : [['weights', 'not held against the configuration: the packages of training and tfjs are not installed']]),
    ...Object.entries(training).map(([key, value]) => [`training ${key}`, JSON.stringify(value)]),
  ];
  const width = Math.max(...rows.map(([name = '']) => name.length));
  for (const [name = '', value = ''] of rows)
    process.stdout.write(`${printable(name).padEnd(width)}  ${printable(value)}\n`);
  if (!withTensors) return;
  process.stdout.write('\n');
  printTable(
    ['tensor', 'shape'],
    tensors.map(({ name, shape }) => [printable(name), `[${shape.join(', ')}]`]),
  );
}
