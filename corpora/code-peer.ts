/** Pocketsphinx on codes of digits: what it hears with a grammar of any number of digits, and with one of as many as the form has. */
import { HearkenError } from '../src/errors.ts';
import { BASELINE_WORD_PENALTIES, recognizeWithPocketsphinx } from './pocketsphinx.ts';
import { CODE_FORMS, type SpokenCode } from './spoken-codes.ts';

/** What was written of each code, at the word insertion penalty of the fewest wrong ones on these very codes. */
export type CodesByPeer = { readonly wordPenalty: number; readonly written: readonly string[] };

/** What pocketsphinx writes of `codes`, which are of one form of digits only; why it could not run where a program or a package is missing. */
export async function codesByPocketsphinx(
  codes: readonly SpokenCode[],
  packagesDir: string,
  knowledge: 'none' | 'pattern',
): Promise<CodesByPeer | { readonly skipped: string }> {
  const wordCount = knowledge === 'pattern' ? codes[0]?.written.length : undefined;
  try {
    const tried: CodesByPeer[] = [];
    for (const wordPenalty of BASELINE_WORD_PENALTIES) {
      const heard = await recognizeWithPocketsphinx(codes, { packagesDir, wordPenalty, wordCount });
      tried.push({ wordPenalty, written: heard.map((labels) => labels.join('').replaceAll('o', '0')) });
    }
    const wrong = ({ written }: CodesByPeer): number =>
      codes.filter((code, index) => code.written !== written[index]).length;
    return tried.toSorted((a, b) => wrong(a) - wrong(b))[0]!; // there are penalties
  } catch (error) {
    if (!(error instanceof HearkenError) || !error.code.startsWith('corpora/missing-')) throw error;
    return { skipped: error.message };
  }
}

/** Whether all symbols of the form are digits. */
export function isOfDigits(form: SpokenCode['form']): boolean {
  return /^[dc]+$/.test(CODE_FORMS[form].shape);
}
