/** How vosk-server, which is written in Python, takes the values of a configuration: by `float()`, `int()` and `bool()`. */

const FLOAT = /^[+-]?(?:\d+(?:_\d+)*(?:\.(?:\d+(?:_\d+)*)?)?|\.\d+(?:_\d+)*)(?:e[+-]?\d+(?:_\d+)*)?$/i;
const INTEGER = /^[+-]?\d+(?:_\d+)*$/;

/** `undefined` where Python refuses, and for what is no finite number. */
export function pythonFloat(value: unknown): number | undefined {
  const number = typeof value === 'string' ? numberIn(value, FLOAT) : Number(asNumber(value));
  return Number.isFinite(number) ? number : undefined;
}

/** Numbers lose what follows the point; a text has none. `undefined` where Python refuses. */
export function pythonInt(value: unknown): number | undefined {
  const number = typeof value === 'string' ? numberIn(value, INTEGER) : Number(asNumber(value));
  return Number.isFinite(number) ? Math.trunc(number) : undefined;
}

/** Every text but the empty one is true, also `"false"` and `"0"`. */
export function pythonBool(value: unknown): boolean {
  if (typeof value !== 'object' || value === null) return Boolean(value);
  return Object.keys(value).length > 0;
}

function asNumber(value: unknown): number | boolean {
  return typeof value === 'number' || typeof value === 'boolean' ? value : Number.NaN;
}

function numberIn(text: string, form: RegExp): number {
  const bare = text.trim();
  return form.test(bare) ? Number(bare.replaceAll('_', '')) : Number.NaN;
}
