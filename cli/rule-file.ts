import { existsSync, statSync } from 'node:fs';

import type { GrammarForm } from '../src/index.ts';
import { builtinForm } from '../src/grammar/builtin-grammar.ts';
import { JSGF_HEADER } from '../src/grammar/jsgf.ts';
import { readWordList } from './word-list.ts';

/**
 * The form that `--grammar` names: a file of rules in JSGF or in the XML of SRGS, told by how it begins, or one that is built in. Nothing where it is a
 * grammar of the model or a file of words. Throws `grammar/builtin`.
 */
export async function rulesNamed(grammar: string): Promise<GrammarForm | undefined> {
  const builtin = builtinForm(grammar);
  if (builtin !== undefined || !existsSync(grammar) || !statSync(grammar).isFile()) return builtin;
  const text = await readWordList(grammar);
  const start = text.replace(/^\uFEFF/, '').trimStart();
  if (start.startsWith(JSGF_HEADER)) return { jsgf: text };
  return start.startsWith('<') ? { grxml: text } : undefined;
}
