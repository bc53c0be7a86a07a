import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { Command } from 'commander';

import type { SpeechConfig } from '../src/model/speech-config.ts';
import { GRAPHS_FOLDER } from '../src/cell/graph-names.ts';
import { decoderLine } from '../src/model/decoder-line.ts';
import type { Checkpoint } from '../src/model/unchecked-checkpoint.ts';
import { missingTrainingPackages } from '../src/training-stack.ts';
import { modelArgument } from './model-argument.ts';
import { printable } from './printable.ts';
import { printTable } from './table.ts';

type InspectOptions = { readonly json?: true; readonly tensors?: true };

/** Output of `hearken inspect --json`. */
type Inspection = {
  readonly config: SpeechConfig;
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
      if (options.json) process.stdout.write(`${JSON.stringify(inspection, null, 2)}\n`);
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

/** A row a knob: its path and its value. */
function knobs(path: string, value: object): string[][] {
  return Object.entries(value).flatMap(([name, inner]: [string, unknown]) =>
    typeof inner === 'object' && inner !== null
      ? knobs(`${path}.${name}`, inner)
      : [[`${path}.${name}`, String(inner)]],
  );
}

async function readChecked(folder: string): Promise<Checkpoint> {
  const { readCheckpoint } = await import('../src/model/checkpoint.ts');
  return readCheckpoint(folder);
}

async function readUnchecked(folder: string): Promise<Checkpoint> {
  const { readUncheckedCheckpoint } = await import('../src/model/unchecked-checkpoint.ts');
  return readUncheckedCheckpoint(folder);
}

function printInspection({ config, parameters, tensors, graphs, isChecked }: Inspection, withTensors: boolean): void {
  const { features, encoder, memory, decoder, vocabulary } = config;
  const vectorMs = (1_000 * features.hopLength * encoder.frameStack) / features.sampleRate;
  const rows = [
    ['model', `${config.name} (${config.language})`],
    ['parameters', parameters.toLocaleString('en')],
    ['labels', vocabulary.labels.join(' ')],
    ...Object.entries(vocabulary.grammars).map(([name, entries]) => [
      `grammar ${name}`,
      entries.map(({ word }) => word).join(' '),
    ]),
    ['audio', `${features.sampleRate} Hz, ${features.bandCount} log-mel bands, a vector every ${vectorMs} ms`],
    ['encoder', `${encoder.kind}, ${encoder.layers} layers of ${encoder.units}`],
    [
      'memory',
      `window ${memory.window}, fan-in ${memory.leafFanIn} and ${memory.fanIn}, ${memory.slots} slots, ${memory.heads} heads`,
    ],
    ['decoder', decoderLine(decoder)],
    ...knobs('decoding', config.decoding),
    ['graphs', graphs.length > 0 ? graphs.join(' ') : 'none: hearken export writes them'],
    ...(isChecked
      ? []
      : [['weights', 'not held against the configuration: the packages of training and tfjs are not installed']]),
    ...Object.entries(config.training ?? {}).map(([key, value]) => [`training ${key}`, JSON.stringify(value)]),
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
