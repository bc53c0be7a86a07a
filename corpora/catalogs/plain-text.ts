/** What is said in a message: without marks of keys, markup and line breaks. */

/** HTML, Pango, Qt and KDE. Whatever else stands between angle brackets is for a person to read: `<file>`. */
const TAGS =
  `a abbr application b big blockquote body br center code command dd dl dt div em email emphasis filename font
h1 h2 h3 h4 h5 head hr html i icode img interface item kbd li link list menuchoice message meta nl nobr note numid ol p para
placeholder pre qt resource s samp shortcut small span strong style sub subtitle sup table tbody td th title tr tt u ul var
warning`.split(/\s+/u);
const TAG = new RegExp(String.raw`</?(?:${TAGS.join('|')})(?:\s[^<>]*)?/?>`, 'giu');
/** Tags after which a new paragraph begins. */
const BREAK =
  /<\/?(?:br|p|para|li|ul|ol|list|item|div|h[1-5]|hr|table|tr|td|th|title|qt|html|body|nl|subtitle)\b[^<>]*>/giu;
const ENTITIES: Readonly<Record<string, string>> = { amp: '&', lt: '<', gt: '>', quot: '"', apos: "'", nbsp: ' ' };

/** `message` without markup; where its markup breaks a line, an empty line stands. */
export function withoutMarkup(message: string): string {
  if (!/[<&]/u.test(message)) return message;
  const text = message.replaceAll(BREAK, '\n\n').replaceAll(TAG, '');
  return text.replaceAll(/&(amp|lt|gt|quot|apos|nbsp);/gu, (_, name: string) => ENTITIES[name]!);
}

const MARKS = [
  { mark: '_', pattern: /_(?=[\p{L}\p{N}])/u },
  { mark: '&', pattern: /&(?=[\p{L}\p{N}])/u },
  { mark: '~', pattern: /~(?=[\p{L}\p{N}])/u },
] as const;

/**
 * A message and its translation without the marks that tell which key chooses an entry of a menu (`_File`, `E&xit`). A mark
 * inside a word that both have alike is part of a name (`foo_bar`, `R&D`) and stays.
 */
export function withoutKeyMarks(source: string, target: string): [string, string] {
  let texts: [string, string] = [source, target];
  for (const { mark, pattern } of MARKS) {
    if (!texts.some((text) => text.includes(mark))) continue;
    const isMarked = (word: string) => word.split(mark).length === 2 && pattern.test(word);
    const [from = [], to = []] = texts.map((text) => text.split(/[\s/]+/u).filter(isMarked));
    if (from.length > 1 || to.length > 1) continue;
    const word = from[0] ?? to[0];
    if (word === undefined || (from[0] === to[0] && !word.startsWith(mark))) continue;
    texts = [texts[0].replace(pattern, ''), texts[1].replace(pattern, '')];
  }
  return texts;
}

/** An option of a command line with what it does beside it. */
const OPTION = /^\s*-.*?\s{2,}(?<says>\S.*)$/u;

/**
 * The paragraphs that a message and its translation have alike: cut at empty lines, and at every line where lines are no
 * running text; as one where they are not equally many. White space is one space.
 */
export function paragraphsOf(source: string, target: string): [string, string][] {
  const [from, to] = [source, target].map((text) => text.split(/\n\s*\n/u).filter((each) => each.trim() !== ''));
  if (from!.length !== to!.length) return [[joined(source), joined(target)]];
  return from!.flatMap((paragraph, index) => linesOf(paragraph, to![index]!));
}

function linesOf(source: string, target: string): [string, string][] {
  const [from, to] = [source, target].map((text) => text.split('\n').filter((line) => line.trim() !== ''));
  const isList = from!.every((line, index) => index === 0 || /^\s*[-*•]|^\s{2,}\S/u.test(line));
  if (!isList || from!.length !== to!.length) return [[joined(source), joined(target)]];
  return from!.map((line, index) => withoutOption(line, to![index]!));
}

function withoutOption(source: string, target: string): [string, string] {
  const [from, to] = [OPTION.exec(source)?.groups?.['says'], OPTION.exec(target)?.groups?.['says']];
  return from === undefined || to === undefined ? [joined(source), joined(target)] : [joined(from), joined(to)];
}

function joined(text: string): string {
  return text
    .normalize('NFC')
    .replaceAll(/^\s*[*•]\s/gu, '')
    .replaceAll(/\s+/gu, ' ')
    .trim();
}
