/**
 * How often the models of `models/spelled-out` write exactly what they should: in the lengths that they were trained on and beyond, a row a model. With
 * `--model FOLDER`, a run of one of its recipes or a committed model, by kind and, of cardinals, by digits.
 */
import { existsSync } from 'node:fs';
import { join } from 'node:path';

import { LANGUAGES } from '../corpora/spelled-out/spell-out.ts';
import { HearkenError } from '../src/errors.ts';
import { packageFile } from '../src/package-root.ts';
import { evaluateQuantities, type QuantitiesEvaluation } from '../models/spelled-out/evaluation.ts';
import { loadWriter } from './sequence-writer.ts';

export const OPTIONS: readonly string[] = ['model'];

/** More symbols than any of the pairs has. */
const MOST_SYMBOLS = 120;

type Measured = QuantitiesEvaluation & { readonly name: string; readonly parameters: number };

export default async function benchSpelledOut({ model }: Readonly<Record<string, string>>): Promise<{
  rows: readonly Record<string, unknown>[];
  notes?: readonly string[];
  figures?: Record<string, unknown>;
}> {
  if (model !== undefined) {
    const { rows, ...figures } = await measure(model);
    return { rows, figures };
  }
  const folders = LANGUAGES.flatMap((language) => ['words', 'digits'].map((way) => `${language}-${way}`));
  const isThere = (name: string): boolean => existsSync(join(folderOf(name), 'model.safetensors'));
  const rows: Record<string, unknown>[] = [];
  for (const name of folders.filter(isThere)) {
    const { trained, beyond } = await measure(folderOf(name));
    rows.push({
      name,
      trained: trained.accuracy,
      pairs: trained.sequences,
      beyond: beyond.accuracy,
      more: beyond.sequences,
    });
  }
  const missing = folders.filter((name) => !isThere(name));
  return { rows, notes: missing.map((name) => `${name}: no weights in models/spelled-out/${name}`) };
}

function folderOf(name: string): string {
  return packageFile(`models/spelled-out/${name}`);
}

async function measure(folder: string): Promise<Measured> {
  const { write, name, parameters, dispose } = await loadWriter(folder, MOST_SYMBOLS);
  try {
    const [, code, direction] = /^spelled-out-(..)-(words|digits)$/.exec(name) ?? [];
    const language = LANGUAGES.find((one) => one === code);
    if (language === undefined || direction === undefined) {
      throw new HearkenError('model/config', `Expected a model of models/spelled-out in ${folder}, got ${name}`);
    }
    return {
      name,
      parameters,
      ...(await evaluateQuantities(language, direction === 'words' ? 'words' : 'digits', write)),
    };
  } finally {
    await dispose();
  }
}
