/** `hearken g2p`: how English words are said, by the model g2p-en. */
import type { Command } from 'commander';

import { type DecodeOptions, decode } from './decode.ts';
import { deviceOption } from './device-option.ts';
import { wholeNumber } from './options.ts';

type G2pOptions = DecodeOptions & { readonly model?: string };

const NAME = 'g2p-en';
const DETAILS = `
Phones are those of the CMU Pronouncing Dictionary, without stress. Capitals are read as small letters. Without a WORD each line of
standard input is one. With --nbest N a word has N lines: rank, log-probability and phones, with tabs between.

--attention draws which letters each sound comes from: of one WORD, and its best answer.

Examples:
  hearken g2p phonetics
  hearken g2p --nbest 3 read
  hearken g2p --attention phonetics.svg phonetics
  hearken g2p --json < words.txt`;

export function addG2p(program: Command): void {
  program
    .command('g2p')
    .summary('how English words are said')
    .description('Writes the sounds of English words, in phones of the CMU Pronouncing Dictionary.')
    .argument('[word...]', 'words; without any, the lines of standard input')
    .option('--model <folder>', `model folder (default: ${NAME}, which comes with hearken)`)
    .option('--beam <N>', 'hypotheses kept after each phone; 1 is greedy', wholeNumber(1, 4_096), 4)
    .option('--nbest <N>', 'ways to say each word', wholeNumber(1, 4_096), 1)
    .addOption(deviceOption())
    .option('--attention <file>', 'draw as SVG where the letters of one word meet its sounds')
    .option('--json', 'print JSON, a line for each word: scores, letters, phones and alignments too')
    .addHelpText('after', DETAILS)
    .action(async (words: readonly string[], options: G2pOptions) => {
      await decode(options.model ?? NAME, words, { ...options, prepare: spelled });
    });
}

/** A word as the dictionary spells it. */
function spelled(word: string): string {
  return word.trim().toLowerCase().replaceAll('’', "'");
}
