/** The form of codes that the next stream hears, as the page's fields say it. */
import type { CheckName } from '../../src/grammar/check-digits.ts';
import type { PlainForm } from '../../src/grammar/grammar-form.ts';

/** An empty pattern asks for no code: the stream follows its grammar. */
export type CodeChoice = {
  readonly pattern: string;
  /** Scheme of check digits; empty for none. */ readonly check: CheckName | '';
  /** Whether what is heard is masked before the page shows it. */ readonly isMasked: boolean;
};

export const NO_CODE: CodeChoice = { pattern: '', check: '', isMasked: false };

/** Codes that people often say, by the names of the menu; without separators, with and without which they would be alternatives to themselves. */
export const CODE_EXAMPLES: Readonly<Record<string, Pick<CodeChoice, 'pattern' | 'check'>>> = {
  'Phone number': { pattern: String.raw`\d{10}`, check: '' },
  Card: { pattern: String.raw`\d{16}`, check: 'luhn' },
  IBAN: { pattern: String.raw`[A-Z]{2}\d{2}[A-Z0-9]{11,30}`, check: 'mod97' },
  'Licence plate': { pattern: String.raw`[A-Z]{2}\d{2}[A-Z]{3}`, check: '' },
  'Order number': { pattern: String.raw`[A-Z]\d[A-Z]\d[A-Z]\d`, check: '' },
};

/** Name of the example that `choice` is; `undefined` where it is none, or of no code. */
export function exampleOf({ pattern, check }: CodeChoice): string | undefined {
  return Object.keys(CODE_EXAMPLES).find(
    (name) => CODE_EXAMPLES[name]?.pattern === pattern && CODE_EXAMPLES[name].check === check,
  );
}

/** The grammar of a stream: the form of codes where a pattern is given, else the one that has a name. */
export function grammarOf(name: string, { pattern, check }: CodeChoice): string | PlainForm {
  return pattern === '' ? name : { pattern, ...(check !== '' && { check }) };
}
