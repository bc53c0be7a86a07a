/**
 * Grammars that are named by an address: `builtin:grammar/digits?length=6`.
 *
 * Reference: McGlashan et al., 2004, "Voice Extensible Markup Language (VoiceXML) Version 2.0", W3C Recommendation, appendix P
 */
import { HearkenError } from '../errors.ts';
import { shortened } from '../text/shortened.ts';
import type { CodeForm } from './grammar-form.ts';

const PREFIX = /^builtin:/i;
const DIGITS = /^builtin:grammar\/digits(?:\?(.*))?$/i;
const PARAMETERS: readonly string[] = ['length', 'minlength', 'maxlength'];

/** The form of the grammar at `address`; `undefined` where that is no address of one that is built in. Throws `grammar/builtin`. */
export function builtinForm(address: string): CodeForm | undefined {
  if (!PREFIX.test(address)) return undefined;
  const found = DIGITS.exec(address);
  if (found === null) throw refused('`builtin:grammar/digits`', address);
  const given = parametersOf(found[1] ?? '', address);
  const [length, min, max] = PARAMETERS.map((name) => given.get(name));
  if (length !== undefined && (min !== undefined || max !== undefined)) {
    throw refused('`length`, or `minlength` and `maxlength`', address);
  }
  const least = length ?? min ?? 1;
  const most = length ?? max ?? '';
  if (most !== '' && least > most) throw refused('`minlength` of at most `maxlength`', address);
  return { pattern: `\\d{${least},${most}}` };
}

/** Numbers by name; `;` and `&` stand between parameters. */
function parametersOf(query: string, address: string): Map<string, number> {
  const parameters = new Map<string, number>();
  for (const part of query.split(/[;&]/).filter((text) => text !== '')) {
    const [, name = '', number = ''] = /^(\w+)=(\d{1,4})$/.exec(part) ?? [];
    if (!PARAMETERS.includes(name) || Number(number) === 0 || parameters.has(name)) {
      throw refused(`${PARAMETERS.join(', ')}, each a number from 1 to 9999 and once`, address);
    }
    parameters.set(name, Number(number));
  }
  return parameters;
}

function refused(expected: string, address: string): HearkenError {
  return new HearkenError('grammar/builtin', `Expected ${expected}, got ${shortened(address)}`);
}
