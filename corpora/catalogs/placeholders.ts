/**
 * What a program fills in when it shows a message: `%s`, `%2$d`, `%(name)s`, `%1`, `{}`, `{name}`, `${name}`. To a model of
 * translation all are alike: the first of a message is `{1}`, the next `{2}`.
 */

/** A text whose placeholders have been replaced. */
export type Numbered = {
  /** With `{1}`, `{2}`, ... */
  readonly text: string;
  /** What stood there: `{i}` was `originals[i - 1]`. */
  readonly originals: readonly string[];
};

const PLACEHOLDER = new RegExp(
  [
    String.raw`%%`,
    String.raw`%\((?<python>\w+)\)[#0\-+]*\d*(?:\.\d+)?[a-zA-Z]`, // %(name)s
    String.raw`%(?<boost>\d+)%`, // %1%
    String.raw`%(?:(?<position>\d+)\$)?[-+#0']*(?:\*|\d+)?(?:\.(?:\*|\d+))?(?:hh|h|ll|l|L|q|j|z|t|I64|<PRI\w+>)?[diouxXeEfFgGaAcspSC](?![a-zA-Z])`,
    String.raw`%(?:-?\d+|\.\d+)?<PRI\w+>`,
    String.raw`%L?(?<qt>\d{1,2})`, // %1, %L1
    String.raw`%n\b`,
    String.raw`\$?\{(?<braced>[\w.]*)(?:[:!][^{}\s]*)?\}`, // {}, {0}, {name}, {0:.2f}, ${name}
    String.raw`@(?<shown>[A-Z_]{3,})@`, // @NAME@
  ].join('|'),
  'gu',
);

type Placeholder = { readonly key: string; readonly start: number; readonly original: string };

/** The placeholders of `text`, each with what it is filled with: equal keys are filled alike, in the translation, too. */
function keyed(text: string): Placeholder[] {
  if (!/[%{@]/u.test(text)) return [];
  let next = 0;
  return [...text.matchAll(PLACEHOLDER)].flatMap((match) => {
    const [original] = match;
    if (original === '%%') return [];
    const { python, boost, position, qt, braced, shown } = match.groups ?? {};
    const named = python ?? boost ?? position ?? qt ?? (braced === '' ? undefined : braced) ?? shown;
    const key = named ?? String((next += 1));
    return [{ key, start: match.index, original }];
  });
}

/** Replaces the placeholders of one text; one that stands there twice and is filled alike has one number. */
export function numberPlaceholders(text: string): Numbered {
  const placeholders = keyed(text).map((each) => ({ ...each, key: `${each.key} ${each.original}` }));
  return numbered(text, placeholders, new Map());
}

/**
 * Replaces the placeholders of a message and of its translation, which may have them in another order. Nothing where the
 * translation does not have each of them as often.
 */
export function numberPlaceholdersOfPair(source: string, target: string): [string, string] | undefined {
  const keys = new Map<string, number>();
  const from = numbered(source, keyed(source), keys);
  const known = keys.size;
  const to = numbered(target, keyed(target), keys);
  const counted = (text: string) => (text.match(/\{\d+\}/gu) ?? []).toSorted().join(' ');
  return keys.size === known && counted(from.text) === counted(to.text) ? [from.text, to.text] : undefined;
}

function numbered(text: string, placeholders: readonly Placeholder[], numbers: Map<string, number>): Numbered {
  const originals: string[] = [];
  let written = '';
  let end = 0;
  for (const { key, start, original } of placeholders) {
    if (!numbers.has(key)) {
      numbers.set(key, numbers.size + 1);
      originals.push(original);
    }
    written += `${text.slice(end, start)}{${numbers.get(key)}}`;
    end = start + original.length;
  }
  return { text: (written + text.slice(end)).replaceAll('%%', '%'), originals };
}

/** Puts the placeholders back; a number that the source did not have stays as it is. */
export function restorePlaceholders(text: string, originals: readonly string[]): string {
  return text.replaceAll(/\{(\d+)\}/gu, (whole, number: string) => originals[Number(number) - 1] ?? whole);
}
