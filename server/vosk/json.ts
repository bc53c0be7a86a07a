/** JSON as vosk writes it: names in order, two spaces a level, ` : ` after a name, numbers with six decimals. */
export type VoskJson = string | number | readonly VoskJson[] | { readonly [name: string]: VoskJson };

/** Numbers that are counts rather than measures would be written otherwise; no message here has any. */
export function writeVoskJson(value: VoskJson, depth = 1): string {
  if (typeof value === 'string') return JSON.stringify(value);
  if (typeof value === 'number') return value.toFixed(6);
  if (isList(value)) return `[${value.map((each) => writeVoskJson(each, depth + 1)).join(', ')}]`;
  const names = Object.keys(value).toSorted();
  const lines = names.map((name) => {
    const text = writeVoskJson(value[name] ?? '', depth + 1);
    return `${'  '.repeat(depth)}${JSON.stringify(name)} : ${text}`;
  });
  return `{\n${lines.join(',\n')}\n${'  '.repeat(depth - 1)}}`;
}

/** `Array.isArray` does not narrow readonly lists. */
function isList(value: Exclude<VoskJson, string | number>): value is readonly VoskJson[] {
  return Array.isArray(value);
}
