/**
 * How often a model of `models/spelled-out` writes exactly what it should, by kind and, of cardinals, by digits: `--model FOLDER`, a run of one of its
 * recipes.
 */
import { LANGUAGES } from '../corpora/spelled-out/spell-out.ts';
import { HearkenError } from '../src/errors.ts';
import { evaluateQuantities, type QuantityRow } from '../models/spelled-out/evaluation.ts';
import { loadWriter } from './sequence-writer.ts';

export const OPTIONS: readonly string[] = ['model'];

/** More symbols than any of the pairs has. */
const MOST_SYMBOLS = 120;

export default async function benchSpelledOut({ model = '' }: Readonly<Record<string, string>>): Promise<{
  rows: readonly QuantityRow[];
  figures: Record<string, unknown>;
}> {
  const { write, name, parameters, dispose } = await loadWriter(model, MOST_SYMBOLS);
  const [, code, direction] = /^spelled-out-(..)-(words|digits)$/.exec(name) ?? [];
  const language = LANGUAGES.find((one) => one === code);
  if (language === undefined || direction === undefined) {
    throw new HearkenError('model/config', `Expected a model of models/spelled-out in ${model}, got ${name}`);
  }
  try {
    const way = direction === 'words' ? 'words' : 'digits';
    const { rows, trained, beyond } = await evaluateQuantities(language, way, write);
    return { rows, figures: { name, parameters, trained, beyond } };
  } finally {
    await dispose();
  }
}
