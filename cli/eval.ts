import { type Command, Option } from 'commander';

import type { Condition } from '../corpora/evaluation-sets.ts';
import type { HiddenMemoryReport } from '../corpora/hidden-memory.ts';
import type { ManifestReport } from '../corpora/manifest-evaluation.ts';
import type { DecoderName, EvaluationSet } from '../corpora/evaluation.ts';
import type { ScoredItem } from '../corpora/scores.ts';
import { HIDDEN_FROM, type HiddenFrom } from '../src/recognizer/engine.ts';
import type { StreamingDevice } from '../src/index.ts';
import { optionalDevice } from './device-option.ts';
import { printManifestReport, printReport } from './eval-report.ts';
import { existingFile } from './existing.ts';
import { loadEvaluated, printHidden } from './hidden-memory.ts';
import { listenForInterruption } from './interruption.ts';
import { modelArgument } from './model-argument.ts';
import { numberIn, SAMPLE_RATES, wholeNumber } from './options.ts';
import { COMMANDS, evaluateCommands } from './phrase-eval.ts';
import { createProgress } from './progress.ts';
import { rowEval } from './row-eval.ts';
import { evaluateSequences, saysOfSequences, writesSequences } from './sequence-eval.ts';
import { UsageError } from './usage-error.ts';

type EvalOptions = {
  readonly set?: string;
  readonly manifest?: string;
  readonly pairs?: string;
  readonly grammar?: string;
  readonly noise?: 'white' | 'music' | 'babble';
  readonly snr?: number;
  readonly sampledAt?: number;
  readonly speed?: number;
  readonly after?: number;
  readonly second?: true;
  readonly full?: true;
  readonly hideMemory?: HiddenFrom;
  readonly decoder?: DecoderName;
  readonly peer: boolean;
  readonly device?: StreamingDevice;
  readonly json?: true;
};

const SETS: readonly EvaluationSet[] = ['human-dev', 'human-extra', 'human-test', 'human-all', 'synthetic'];
const DETAILS = `
Human voices come from Debian packages, which npm run data:speech fetches into .data/. Sets: single words, and 100 strings
of 4 to 8 digits a speaker, made of single words with gaps. Where pocketsphinx is installed and the grammar is digits or
letters, it hears the same files. The set ${COMMANDS} is phrases of any words, which a model that hears phones tells from each other by their text.

Choose and tune on human-dev and human-extra (other speakers, not all of whom say all words); human-test is for
reporting what is frozen, as is human-all, which is all three.

With --hide-memory it is all heard twice, the second time with the summaries of the memory hidden (all that is older than its window) from
the read that CTC's rows come from, from the attention decoder, or from both: what that changes is what the model makes of its past.

With --manifest it is your own recordings that are heard, as hearken transcribe hears them: JSON lines of audio_filepath, duration
(seconds), text and, if need be, offset, as for hearken train.

A model of sequences (hearken decode) is held against --pairs: lines of an input, a tab and the output that is expected; how many
sequences and symbols are wrong; of a classifier, how many labels; of a regression, how far its numbers are off. One that comes with an evaluation of its own runs that without --pairs, and prints it as JSON.

recall-tokens, mqar and recall-speech are measured on what they were made for: to 65,536 symbols, 256 pairs and 1,000 vectors, with --full all. The
table has what was measured of them and their rivals before, too, and tells which is which.

Examples:
  hearken eval runs/my-words --manifest test.jsonl
  hearken eval runs/reverse --pairs test.tsv --json
  hearken eval models/codes-en --set human-dev --grammar digits
  hearken eval models/codes-en --set human-dev --grammar digits --decoder attention --hide-memory decoder
  hearken eval models/codes-en --set human-test --grammar digits --noise babble --snr 10 --json
  hearken eval models/mqar`;

export function addEval(program: Command): void {
  program
    .command('eval')
    .summary('count the errors of a model on your recordings, or on voices it never heard')
    .description('Counts errors on a test set and gives 95 % intervals.')
    .argument('<model>', 'model folder, or the name of a model that comes with hearken')
    .option(
      '--set <name>',
      `what to hear: ${SETS.join(', ')}, ${COMMANDS} (default: human-dev); or a part of a model's own test set`,
    )
    .addOption(
      new Option('--pairs <file>', 'inputs and outputs to hold a model of sequences against').conflicts([
        'set',
        'manifest',
      ]),
    )
    .addOption(
      new Option('--manifest <file>', 'hear your own recordings instead of a set').conflicts([
        'set',
        'pairs',
        'noise',
        'snr',
        'sampledAt',
        'speed',
        'after',
        'second',
      ]),
    )
    .option('--grammar <name>', "one of the model's grammars (default: its own)")
    .addOption(new Option('--noise <kind>', 'mix in noise; needs --snr').choices(['white', 'music', 'babble']))
    .option('--snr <dB>', 'speech above noise', numberIn(-100, 100))
    .option(
      '--sampled-at <Hz>',
      'hear it as sampled at this rate: 8000 is a telephone',
      wholeNumber(SAMPLE_RATES.lowest, 16_000),
    )
    .option('--speed <factor>', 'hear it played so many times as fast: other throats', numberIn(0.5, 2))
    .option('--after <seconds>', 'hear it after so many seconds of near silence', numberIn(0, 3_600))
    .option('--second', 'hear each string as the second utterance of a stream')
    .option('--full', 'measure also what takes long: of recall-tokens, mqar and recall-speech')
    .addOption(new Option('--decoder <name>', 'which decoder').choices(['ctc', 'attention', 'joint']).default('joint'))
    .addOption(
      new Option('--hide-memory <from>', 'measure what hiding the summaries of the memory changes').choices(
        HIDDEN_FROM,
      ),
    )
    .addOption(optionalDevice())
    .option('--no-peer', 'without pocketsphinx')
    .option('--json', 'print a report for programs')
    .addHelpText('after', DETAILS)
    .action(runEvaluation);
}

async function runEvaluation(name: string, options: EvalOptions): Promise<void> {
  const condition = conditionOf(options);
  const folder = modelArgument(name);
  const { readModelConfig } = await import('../src/model/config-file.ts');
  const config = await readModelConfig(folder);
  if (config.source.kind !== 'audio') assertNoneOfSpeech(config.name, options);
  const measureRows = rowEval(config.name);
  if (
    measureRows !== undefined &&
    (config.source.kind === 'audio' ? ownTestSet(options) : options.pairs === undefined)
  ) {
    if (options.device !== undefined) throw choosesItself(config.name);
    await measureRows(folder, config, options);
    return;
  }
  if (writesSequences(config) || saysOfSequences(config)) {
    await evaluateSequences(folder, config, options);
    return;
  }
  if (options.pairs !== undefined) {
    throw new UsageError(
      `Expected --pairs with a model that writes about sequences, got ${config.name}, which is none`,
    );
  }
  if (options.manifest !== undefined) {
    await runOnManifest(folder, options.manifest, options);
    return;
  }
  if (options.set === COMMANDS) {
    assertNoneBesideCommands(options);
    const { peer, device, json } = options;
    await evaluateCommands(folder, { condition, peer, device, json });
    return;
  }
  const { evaluate } = await import('../corpora/evaluation.ts');
  using progress = createProgress('evaluating', 1_000);
  using interruption = listenForInterruption();
  await using models = await loadEvaluated(folder, options, interruption.signal);
  const { model, compare } = models;
  const share = compare === undefined ? 1_000 : 500;
  const asked = {
    set: setOf(options),
    ...(options.grammar === undefined ? {} : { grammar: options.grammar }),
    ...(options.decoder === undefined ? {} : { decoder: options.decoder }),
    ...(condition === undefined ? {} : { condition }),
    ...(options.sampledAt === undefined ? {} : { sampledAt: options.sampledAt }),
    ...(options.speed === undefined ? {} : { speed: options.speed }),
    ...(options.after === undefined ? {} : { after: options.after }),
    ...(options.second === undefined ? {} : { second: true }),
    signal: interruption.signal,
  };
  const heard: ScoredItem[] = [];
  const report = await evaluate({
    ...asked,
    model,
    peer: options.peer,
    onProgress: (done, total) => progress.update((share * done) / total),
    onHeard: (item) => heard.push(item),
  });
  const hidden = await compare?.(heard, async (other) => {
    const heardHidden: ScoredItem[] = [];
    await evaluate({
      ...asked,
      model: other,
      peer: false,
      onProgress: (done, total) => progress.update(share + (share * done) / total),
      onHeard: (item) => heardHidden.push(item),
    });
    return heardHidden;
  });
  progress.clear();
  if (options.json) process.stdout.write(jsonOf(report, hidden));
  else printReport(report);
  if (hidden !== undefined && !options.json) printHidden(hidden);
}

/** What says which speech is heard, and how. */
const OF_SPEECH = [
  'set',
  'manifest',
  'grammar',
  'noise',
  'snr',
  'sampledAt',
  'speed',
  'after',
  'second',
  'hideMemory',
] as const satisfies readonly (keyof EvalOptions)[];

/** Throws a usage error where something of speech was asked of a model that hears none. */
function assertNoneOfSpeech(name: string, options: EvalOptions): void {
  const given = OF_SPEECH.find((option) => options[option] !== undefined);
  if (given === undefined) return;
  throw new UsageError(`Expected --${flagOf(given)} with a model of speech, got ${name}`);
}

/** What of speech phrases have no use for. */
function assertNoneBesideCommands(options: EvalOptions): void {
  const unused = ['grammar', 'sampledAt', 'speed', 'after', 'second', 'hideMemory'] as const;
  const given = unused.find((option) => options[option] !== undefined);
  if (given !== undefined) throw new UsageError(`Expected --set ${COMMANDS} without --${flagOf(given)}`);
}

function flagOf(option: string): string {
  return option.replaceAll(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
}

/** Whether a model is to be measured by what it was made for: nothing was chosen that says what else to hear, or how. */
function ownTestSet({
  full: _full,
  json: _json,
  peer: _peer,
  device: _device,
  decoder,
  ...others
}: EvalOptions): boolean {
  return decoder === 'joint' && Object.keys(others).length === 0;
}

/** The evaluation of such a model holds several against each other, on what each of them was measured on before. */
function choosesItself(name: string): UsageError {
  return new UsageError(`Expected no --device: the evaluation of ${name} says itself what computes`);
}

/** A report for programs, with what hiding the memory changed where that was asked for. */
function jsonOf(report: object, hidden: HiddenMemoryReport | undefined): string {
  return `${JSON.stringify({ ...report, ...(hidden && { hidden }) }, null, 2)}\n`;
}

async function runOnManifest(folder: string, manifest: string, options: EvalOptions): Promise<void> {
  await existingFile(manifest);
  const { evaluateManifest } = await import('../corpora/manifest-evaluation.ts');
  using progress = createProgress('evaluating', 1_000);
  using interruption = listenForInterruption();
  await using models = await loadEvaluated(folder, options, interruption.signal);
  const { model, compare } = models;
  const share = compare === undefined ? 1_000 : 500;
  const asked = {
    manifest,
    ...(options.grammar === undefined ? {} : { grammar: options.grammar }),
    decoder: options.decoder ?? 'joint',
    signal: interruption.signal,
  };
  const report = await evaluateManifest({
    ...asked,
    model,
    onProgress: (done, total) => progress.update((share * done) / total),
  });
  const hidden = await compare?.(itemsOf(report), async (other) => {
    const onProgress = (done: number, total: number): void => progress.update(share + (share * done) / total);
    return itemsOf(await evaluateManifest({ ...asked, model: other, onProgress }));
  });
  progress.clear();
  if (options.json) process.stdout.write(jsonOf(report, hidden));
  else printManifestReport(report);
  if (hidden !== undefined && !options.json) printHidden(hidden);
}

function itemsOf({ entries }: ManifestReport): ScoredItem[] {
  return entries.map(({ place, said, heard }) => ({ kind: 'connected', speaker: place, said, heard }));
}

/** Which voices are heard. */
function setOf({ set = 'human-dev' }: EvalOptions): EvaluationSet {
  const known = SETS.find((name) => name === set);
  if (known !== undefined) return known;
  throw new UsageError(`Expected --set to be one of ${[...SETS, COMMANDS].join(', ')}, got ${set}`);
}

function conditionOf({ noise, snr }: EvalOptions): Condition | undefined {
  if (noise === undefined && snr === undefined) return undefined;
  if (noise === undefined || snr === undefined) {
    throw new UsageError(`Expected --noise and --snr together, got --${noise === undefined ? 'snr' : 'noise'} alone`);
  }
  return { noise, snr };
}
