/** Weights of a part inside a whole: the part's short names behind a prefix, for example `decoder.attention.`. */

/** Those of `named` whose name starts with `prefix`, without it. */
export function under<T>(named: Readonly<Record<string, T>>, prefix: string): Record<string, T> {
  const own = Object.entries(named).filter(([name]) => name.startsWith(prefix));
  return Object.fromEntries(own.map(([name, value]) => [name.slice(prefix.length), value]));
}

/** `named` with `prefix` before every name. */
export function prefixed<T>(named: Readonly<Record<string, T>>, prefix: string): Record<string, T> {
  return Object.fromEntries(Object.entries(named).map(([name, value]) => [`${prefix}${name}`, value]));
}
