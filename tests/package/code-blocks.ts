/** What documents and docblocks show: code, what is printed by it, and why some of it is not run. */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';

export type CodeBlock = {
  /** Where it stands, as in `docs/guides/rxjs.md:12`. */ readonly place: string;
  readonly language: string;
  readonly code: string;
  /** Why it cannot be run, of `<!-- not run: REASON -->` before it. */ readonly notRun?: string;
};

/** The blocks of a Markdown document that have a language. */
export async function blocksOf(root: string, document: string): Promise<CodeBlock[]> {
  const text = await readFile(join(root, document), 'utf8');
  const blocks = text.matchAll(/(?:<!-- not run: ([^>]+?) -->\n+)?^```([a-z]+)\n(.*?)^```$/gms);
  return [...blocks].map(({ index, 1: notRun, 2: language = '', 3: code = '' }) => ({
    place: `${document}:${text.slice(0, index).split('\n').length}`,
    language,
    code,
    ...(notRun !== undefined && { notRun }),
  }));
}

/** The `@example` blocks of a declaration file. */
export async function examplesOf(root: string, file: string): Promise<CodeBlock[]> {
  const text = await readFile(join(root, file), 'utf8');
  return [...text.matchAll(/@example\n((?: *\*(?: .*)?\n)+?) *\* ```\n/g)].map(({ index, 1: lines = '' }) => {
    const [fence = '', ...code] = lines.split('\n').map((line) => line.replace(/^ *\* ?/, ''));
    const place = `${file}:${text.slice(0, index).split('\n').length}`;
    return { place, language: fence.replace('```', ''), code: code.join('\n') };
  });
}

/** The lines that a block says it prints: those of its comments that begin with an arrow; any where it says nothing. */
export function printedBy(code: string): string[] {
  const lines = [...code.matchAll(/^ *(?:\/\/|#) => (.*)$/gm)].map(([, line = '']) => line);
  return lines.length === 0 ? ['...'] : lines;
}

/** Numbers may differ by so much, as they do between processors: 0.05 s, or of certainty. */
const TOLERANCE = 0.05;
const DECIMAL = /\d+\.\d+/g;

/** Whether both say the same, but for decimals that are near each other; `...` at the end stands for the rest of a line. */
function isNear(line: string, expected: string): boolean {
  const isOpen = expected.endsWith('...');
  const [wanted, shown] = isOpen ? [expected.slice(0, -3), line.slice(0, expected.length - 3)] : [expected, line];
  if (shown.replace(DECIMAL, 'x') !== wanted.replace(DECIMAL, 'x')) return false;
  const numbers = (wanted.match(DECIMAL) ?? []).map(Number);
  return (shown.match(DECIMAL) ?? []).every(
    (text, index) => Math.abs(Number(text) - (numbers[index] ?? NaN)) <= TOLERANCE,
  );
}

/** Whether `lines` are those expected, one after the other; a line `...` stands for any number of them. */
export function isShown(lines: readonly string[], expected: readonly string[]): boolean {
  const [first, ...rest] = expected;
  if (first === undefined) return lines.length === 0;
  if (first === '...') return [...lines.keys(), lines.length].some((skipped) => isShown(lines.slice(skipped), rest));
  const [line, ...more] = lines;
  return line !== undefined && isNear(line, first) && isShown(more, rest);
}
