import { readFile } from 'node:fs/promises';
import { type Command, InvalidArgumentError, Option } from 'commander';

import { type CheckName, codeListOf, type GrammarForm } from '../src/index.ts';
import { CHECK_NAMES } from '../src/grammar/check-digits.ts';
import { existingFile } from './existing.ts';
import { numberIn, wholeNumber } from './options.ts';
import { rulesNamed } from './rule-file.ts';
import { UsageError } from './usage-error.ts';

/** Options that say what may be said as a whole, as commander gives them. */
export type CodeFormOptions = {
  readonly pattern?: string;
  /** A file of rules, or what has nothing to do with forms. */ readonly grammar?: string;
  readonly check?: readonly CheckName[];
  readonly list?: string;
  readonly numbers?: true;
  readonly alternatives?: number;
  readonly margin?: number;
  /** Whether codes are masked where they are printed. */ readonly mask?: true;
};

/** Adds the options of a code's form to `command`. */
export function addCodeForm(command: Command): Command {
  return command
    .addOption(
      new Option('--pattern <regex>', 'hear codes, an utterance each: what they look like, written').conflicts(
        'grammar',
      ),
    )
    .option('--check <names>', `check digits that codes satisfy: ${CHECK_NAMES.join(', ')}`, checkNames)
    .option('--list <file>', 'all codes that are valid, one a line')
    .option('--numbers', 'codes may be said in numbers ("twenty-one"), where the model knows the words')
    .option('--alternatives <count>', 'codes that are listed, the answer among them (default: 5)', wholeNumber(1, 100))
    .option('--mask', 'print * for the symbols of a code but its last four (of short ones the last half)')
    .option(
      '--margin <nats>',
      'how much less likely than the likeliest a valid code may be (default: 3)',
      numberIn(0, 1000),
    );
}

/** The form that the options tell, and nothing where they tell none. Throws a usage error on options that go with a form only. */
export async function codeFormOf(options: CodeFormOptions): Promise<GrammarForm | undefined> {
  const { pattern, grammar, check, list, numbers, alternatives, margin } = options;
  const rules = grammar === undefined ? undefined : await rulesNamed(grammar);
  const given = (['check', 'list', 'numbers', 'alternatives', 'margin', 'mask'] as const).find((name) => options[name]);
  if (pattern === undefined && numbers) throw new UsageError('Expected --numbers with --pattern only, got it without');
  const said = pattern === undefined ? rules : { pattern, ...(numbers && { numbers }) };
  if (said === undefined) {
    if (given === undefined) return undefined;
    throw new UsageError(`Expected --${given} with --pattern or rules only, got it without`);
  }
  return {
    ...said,
    ...(check !== undefined && { check }),
    ...(list !== undefined && { isValid: await lookUpIn(list) }),
    ...(alternatives !== undefined && { alternatives }),
    ...(margin !== undefined && { margin }),
  };
}

async function lookUpIn(file: string): Promise<(written: string) => boolean> {
  await existingFile(file);
  return codeListOf(await readFile(file)).has;
}

/** Names of schemes, separated by commas. */
function checkNames(text: string): CheckName[] {
  return text.split(',').map((name) => {
    const known = CHECK_NAMES.find((one) => one === name.trim());
    if (known === undefined) throw new InvalidArgumentError(`Expected names of ${CHECK_NAMES.join(', ')}.`);
    return known;
  });
}
