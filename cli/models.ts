import { readdir, stat } from 'node:fs/promises';
import { basename, join, resolve } from 'node:path';
import type { Command } from 'commander';

import type { SourceConfig } from '../src/model/source.ts';
import type { RecognizerConfig } from '../src/model/speech-config.ts';
import { packageFile } from '../src/package-root.ts';
import { type Symbols, symbolCount } from '../src/text/symbols.ts';
import { existingFolder } from './existing.ts';
import { isModelFolder, shippedModels } from './model-argument.ts';
import { printable } from './printable.ts';
import { printTable } from './table.ts';

/** Output of `hearken models --json`. */
type Listing = { readonly models: readonly ListedModel[]; readonly others: readonly OtherModel[] };

/** A model that is there. */
type ListedModel = {
  /** As other subcommands take it: a bare name for models that come with hearken, else the folder. */
  readonly model: string;
  readonly kind: 'speech' | 'tokens' | 'sequences' | 'unknown';
  /** What the model recognizes, for people. */ readonly hears: string;
  /** Length in bytes of weights, graphs and configuration. */ readonly bytes: number;
  readonly folder: string;
  readonly comesWithHearken: boolean;
  /** The error in its configuration, if there is one; weights and graphs are not looked at. */
  readonly problem?: string;
};

/** A model that whoever wants it has to make. */
type OtherModel = Pick<ListedModel, 'model' | 'kind' | 'hears'> & { readonly how: string };

/** Models that only a clone has: their recipes and data are not in the package. */
const OTHERS: readonly OtherModel[] = [
  {
    model: 'salient-recall',
    kind: 'tokens',
    hears: 'one of 64 labels that a marker announced, however long ago',
    how: 'npx hearken train models/salient-recall/recipe.ts   # in a clone, some minutes; writes .runs/salient-recall',
  },
  {
    model: 'digits-es',
    kind: 'speech',
    hears: 'es: digits (10 words)',
    how: 'npx tsx scripts/make-digits-es.ts   # in a clone; then as docs/guides/train-your-own.md says',
  },
];

const FILES = /^(config\.json|model\.safetensors|.*\.onnx)$/;

const DETAILS = `
One model comes with the package; the others are made in a clone, or out of your own recordings (docs/guides/train-your-own.md).
A folder is a model, or holds some, as .runs does where models were trained.

Examples:
  hearken models
  hearken models .runs --json`;

export function addModels(program: Command): void {
  program
    .command('models')
    .summary('which models there are, and how to get others')
    .description(
      'Lists the models that come with hearken and those in folders of yours: what they hear, size and place.',
    )
    .argument('[folders...]', 'models of yours, or folders that hold some')
    .option('--json', 'print all of it for programs')
    .addHelpText('after', DETAILS)
    .action(async (folders: readonly string[], { json }: { readonly json?: true }) => {
      const listing = await listModels(folders);
      if (json) process.stdout.write(`${JSON.stringify(listing, null, 2)}\n`);
      else printListing(listing);
    });
}

async function listModels(folders: readonly string[]): Promise<Listing> {
  for (const folder of folders) await existingFolder(folder);
  const shipped = shippedModels().map((name) => listed(name, packageFile(join('models', name)), true));
  const own = (await Promise.all(folders.map(modelsIn))).flat().map((folder) => listed(folder, resolve(folder), false));
  const models = await Promise.all([...shipped, ...own]);
  const names = new Set(models.map(({ folder }) => basename(folder)));
  return { models, others: OTHERS.filter(({ model }) => !names.has(model)) };
}

/** `folder` itself where it is a model, else the models that it holds. */
async function modelsIn(folder: string): Promise<string[]> {
  if (isModelFolder(folder)) return [folder];
  const entries = await readdir(folder, { withFileTypes: true });
  const inside = entries.filter((entry) => !entry.isFile()).map(({ name }) => join(folder, name));
  return inside.filter(isModelFolder).toSorted();
}

async function listed(model: string, folder: string, comesWithHearken: boolean): Promise<ListedModel> {
  const place = { model, bytes: await bytesOf(folder), folder, comesWithHearken };
  try {
    return { ...place, ...(await described(folder)) };
  } catch (error) {
    const problem = error instanceof Error ? error.message : String(error);
    return { ...place, kind: 'unknown', hears: '', problem };
  }
}

async function described(folder: string): Promise<Pick<ListedModel, 'kind' | 'hears'>> {
  const [{ readModelConfig, readModelJson }, { isTokenModelConfig, recognizerConfigOf }, { alphabetSize }] =
    await Promise.all([
      import('../src/model/config-file.ts'),
      import('../src/model/config-migration.ts'),
      import('../src/model/source.ts'),
    ]);
  const json = await readModelJson(folder);
  if (isTokenModelConfig(json)) return { kind: 'tokens', hears: `${json.alphabetSize} tokens, ${answering(json)}` };
  const config = await readModelConfig(folder);
  const { source, heads } = config;
  if (source.kind === 'audio') return { kind: 'speech', hears: wordsOf(recognizerConfigOf(config)) };
  const written = (heads.decoder ?? heads.ctc)?.symbols;
  if (written !== undefined) {
    return { kind: 'sequences', hears: `takes in ${inputOf(source)}, writes ${symbolsOf(written)}` };
  }
  if (heads.answers !== undefined && source.kind === 'tokens') {
    return { kind: 'tokens', hears: `${alphabetSize(source)} tokens, ${answering(heads.answers)}` };
  }
  const { answers, classifier, regression } = heads;
  const said = [
    ...(answers === undefined ? [] : [answering(answers)]),
    ...(classifier === undefined ? [] : [`says which of ${classifier.labels.length} classes`]),
    ...(regression === undefined
      ? []
      : [`says ${regression.outputs} ${regression.outputs === 1 ? 'number' : 'numbers'}`]),
  ];
  return { kind: 'sequences', hears: `takes in ${inputOf(source)}, ${said.join(' and ')}` };
}

function inputOf(source: Exclude<SourceConfig, { readonly kind: 'audio' }>): string {
  if (source.kind === 'tokens') return symbolsOf(source.symbols);
  if (source.kind === 'numbers') return `${source.width} numbers at each time`;
  return `images of ${source.height} x ${source.width} pixels`;
}

function symbolsOf(symbols: Symbols): string {
  return `${symbolCount(symbols)} ${symbols.unit}s`;
}

function answering({ labelCount }: { readonly labelCount: number }): string {
  return `answers one of ${labelCount} labels`;
}

function wordsOf({ language, vocabulary }: RecognizerConfig): string {
  const grammars = Object.entries(vocabulary.grammars).map(([name, entries]) => `${name} (${entries.length} words)`);
  return `${language}: ${grammars.length > 0 ? grammars.join(', ') : `${vocabulary.labels.length} words`}`;
}

/** Length in bytes of the files that a model is made of; a recipe, logs and a run's state beside it do not count. */
async function bytesOf(folder: string): Promise<number> {
  const files = await readdir(folder, { recursive: true, withFileTypes: true });
  const sizes = files
    .filter((file) => file.isFile() && FILES.test(file.name))
    .map(async (file) => (await stat(join(file.parentPath, file.name))).size);
  return (await Promise.all(sizes)).reduce((sum, size) => sum + size, 0);
}

function printListing({ models, others }: Listing): void {
  printTable(
    ['model', 'kind', 'hears', 'MB', 'where'],
    models.map(({ model, kind, hears, bytes, folder, comesWithHearken, problem }) => [
      printable(model),
      kind,
      printable(problem ?? hears),
      (bytes / 1e6).toFixed(1),
      comesWithHearken ? 'comes with hearken' : printable(folder),
    ]),
  );
  if (others.length === 0) return;
  process.stdout.write('\nto be made:\n');
  for (const { model, kind, hears, how } of others) {
    process.stdout.write(`  ${model}: ${kind}; ${hears}\n    ${how}\n`);
  }
}
