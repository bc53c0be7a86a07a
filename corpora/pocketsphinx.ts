import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import type { TestItem } from './evaluation-sets.ts';
import { requirePackages } from './packages.ts';
import { runProgram } from './programs.ts';

const LABEL_OF: Readonly<Record<string, string>> = {
  zero: '0',
  one: '1',
  two: '2',
  three: '3',
  four: '4',
  five: '5',
  six: '6',
  seven: '7',
  eight: '8',
  nine: '9',
  oh: 'o',
};
/** Labels that the peer knows. */
export const BASELINE_LABELS: readonly string[] = Object.values(LABEL_OF);

/** Word insertion penalties tuned on the dev speakers; which of the two is better depends on the noise. */
export const BASELINE_WORD_PENALTIES: readonly number[] = [0.003, 0.01];
const SILENCE_PROBABILITY = 0.5;

export type BaselineOptions = {
  /** Folder in which the package pocketsphinx-testdata is unpacked. */
  readonly packagesDir: string;
  readonly wordPenalty: number;
  /** Words that were said, 1 or more; default any number of them. */
  readonly wordCount?: number | undefined;
};

/**
 * Labels that pocketsphinx with its digits model (HMM trained on TIDIGITS) and a grammar of digits hears in each item.
 * Throws `corpora/missing-packages` or `corpora/missing-program`.
 */
export async function recognizeWithPocketsphinx(
  items: readonly TestItem[],
  options: BaselineOptions,
): Promise<string[][]> {
  const { packagesDir, wordPenalty, wordCount } = options;
  await requirePackages(packagesDir, ['pocketsphinx-testdata']);
  const model = join(packagesDir, 'usr/share/pocketsphinx/test/data/tidigits');
  const folder = await mkdtemp(join(tmpdir(), 'hearken-pocketsphinx-'));
  try {
    const grammar = join(folder, 'digits.gram');
    const digits = Object.keys(LABEL_OF).join(' | ');
    const said = wordCount === undefined ? '<digit>+' : Array.from({ length: wordCount }, () => '<digit>').join(' ');
    const rules = `<digit> = ${digits};\npublic <said> = ${said};\n`;
    await writeFile(grammar, `#JSGF V1.0;\ngrammar digits;\n${rules}`);
    await writeFile(join(folder, 'control'), items.map((_, index) => `${index}\n`).join(''));
    for (const [index, { samples }] of items.entries()) {
      const bytes = Int16Array.from(samples, (sample) => Math.round(sample * 32_768));
      await writeFile(join(folder, `${index}.raw`), new Uint8Array(bytes.buffer));
    }
    const hypotheses = join(folder, 'hypotheses');
    const knowledge = ['-hmm', join(model, 'hmm'), '-dict', join(model, 'lm/tidigits.dic'), '-jsgf', grammar];
    const input = ['-cepdir', folder, '-cepext', '.raw', '-adcin', 'yes', '-ctl', join(folder, 'control')];
    const settings = ['-silprob', `${SILENCE_PROBABILITY}`, '-wip', `${wordPenalty}`];
    await runProgram('pocketsphinx_batch', [...knowledge, ...input, ...settings, '-hyp', hypotheses]);
    return parseHypotheses(await readFile(hypotheses, 'utf8'), items.length);
  } finally {
    await rm(folder, { recursive: true });
  }
}

/** Lines such as `two nine four (17 -9876)`: words, then the item's name and a score. */
function parseHypotheses(text: string, itemCount: number): string[][] {
  const hypotheses: string[][] = Array.from({ length: itemCount }, () => []);
  for (const [, words, index] of text.matchAll(/^(.*)\((\d+) [^)]*\)$/gm)) {
    const labels = words!.split(' ').flatMap((word) => LABEL_OF[word] ?? []);
    hypotheses[Number(index)] = labels;
  }
  return hypotheses;
}
