/** What callers give, who may have no compiler that looks at it: options by name and type, before anything is done. */
import { fileURLToPath } from 'node:url';

import { assertInteger, assertNumber, HearkenError } from './errors.ts';
import { FORM_KINDS } from './grammar/grammar-form.ts';
import { nearestName } from './text/nearest-name.ts';

/** Checks the value of an option. Throws where `value` is not what the option `name` may be. */
export type Check = (name: string, value: unknown) => void;

/** A check for every option. */
export type Checks<Options> = { readonly [Name in keyof Required<Options>]: Check };

/**
 * Throws `option/unknown-name`, with the nearest name there is, and what the checks throw; `undefined` is as good as absent.
 * `of` is whose options they are, for messages.
 */
export function assertOptions<Options extends object>(of: string, options: Options, checks: Checks<Options>): void {
  if (!isRecord(options)) throw wrongType(`options of ${of}`, 'an object', options);
  const known = new Map<string, Check>(Object.entries(checks));
  for (const [name, value] of Object.entries(options)) {
    if (value === undefined) continue;
    const check = known.get(name);
    if (check === undefined) throw unknownName(of, name, [...known.keys()]);
    check(name, value);
  }
}

/** Checks options as `assertOptions` does, where all fields must be there but those in `optional`. */
export function assertFields<Fields extends object>(
  of: string,
  fields: Fields,
  checks: Checks<Fields>,
  optional: readonly string[] = [],
): void {
  assertOptions(of, fields, checks);
  const given = new Map<string, unknown>(Object.entries(fields));
  for (const name of Object.keys(checks)) {
    if (!optional.includes(name) && given.get(name) === undefined) {
      throw new HearkenError('option/missing', `Expected ${of} to have \`${name}\`, got none`);
    }
  }
}

/** A check that throws `option/unknown-value`, with the nearest value there is, unless the value is one of `values`. */
export function oneOf(...values: readonly (string | boolean)[]): Check {
  return (name, value) => {
    if (values.some((each) => each === value)) return;
    const nearest = typeof value === 'string' ? nearestName(value, values.map(String)) : undefined;
    const expected = `Expected \`${name}\` to be one of ${values.join(', ')}, got ${shown(value)}`;
    throw new HearkenError('option/unknown-value', expected + hint(nearest));
  };
}

/** Throws `option/type` on anything but a number, `option/out-of-range` on one that is no integer in `minimum..maximum`. */
export function integerIn(minimum: number, maximum: number = Number.MAX_SAFE_INTEGER): Check {
  return (name, value) => {
    if (typeof value !== 'number') throw wrongType(name, 'a number', value);
    assertInteger(name, value, minimum, maximum);
  };
}

/** A check for a finite number in `minimum..maximum`. */
export function numberIn(minimum: number, maximum: number = Number.MAX_VALUE): Check {
  return (name, value) => {
    if (typeof value !== 'number') throw wrongType(name, 'a number', value);
    assertNumber(name, value, minimum, maximum);
  };
}

/** Check for a sample rate in Hz that the resampler takes. */
export const aRate: Check = integerIn(4000, 768_000);

export const aNumber: Check = typed('a number', (value) => typeof value === 'number');

export const aString: Check = typed('a string', (value) => typeof value === 'string');

export const aFunction: Check = typed('a function', (value) => typeof value === 'function');

export const anObject: Check = typed('an object', isRecord);

export const aSignal: Check = typed(
  'an AbortSignal',
  (value) => isRecord(value) && 'aborted' in value && 'addEventListener' in value,
);

/**
 * Check for what may be said, as `resolveGrammar` takes it or gives it, or for a form; names, words, patterns and rules are
 * looked up by whoever has the vocabulary.
 */
export const aGrammar: Check = typed(
  `the name of a grammar, a list of words, a grammar or an object with ${FORM_KINDS.join(', ')}`,
  (value) => {
    if (typeof value === 'string') return true;
    if (Array.isArray(value)) return value.every((word) => typeof word === 'string');
    if (typeof value !== 'object' || value === null) return false;
    return FORM_KINDS.some((kind) => kind in value) || ('allowed' in value && 'words' in value);
  },
);

/** A check that throws `option/type` where `fits` says no; `what` is what was expected. */
export function typed(what: string, fits: (value: unknown) => boolean): Check {
  return (name, value) => {
    if (!fits(value)) throw wrongType(name, what, value);
  };
}

/** Throws `option/type` unless `chunks` can be iterated and is no single array or string. */
export function assertChunks(what: string, chunks: unknown): void {
  const isSingle = ArrayBuffer.isView(chunks) || typeof chunks !== 'object' || chunks === null;
  if (!isSingle && (Symbol.asyncIterator in chunks || Symbol.iterator in chunks)) return;
  const advice = ArrayBuffer.isView(chunks) ? ': put it into an array' : '';
  throw new HearkenError('option/type', `Expected chunks of ${what} to iterate, got ${shown(chunks)}${advice}`);
}

/** The path that a `file:` URL names, or the path itself. Throws `option/type` on anything else. */
export function filePath(name: string, value: string | URL): string {
  if (typeof value === 'string') return value;
  if (!(value instanceof URL)) throw wrongType(name, 'a path or a file: URL', value);
  if (value.protocol !== 'file:') throw wrongType(name, 'a file: URL', value.href);
  return fileURLToPath(value);
}

export function wrongType(name: string, expected: string, value: unknown): HearkenError {
  const subject = name.includes(' ') ? name : `\`${name}\``;
  return new HearkenError('option/type', `Expected ${subject} to be ${expected}, got ${shown(value)}`);
}

function unknownName(of: string, name: string, known: readonly string[]): HearkenError {
  const expected = `Expected options of ${of} (${known.join(', ')}), got \`${name}\``;
  return new HearkenError('option/unknown-name', expected + hint(nearestName(name, known)));
}

function hint(nearest: string | undefined): string {
  return nearest === undefined ? '' : `: did you mean ${nearest}?`;
}

function isRecord(value: unknown): value is object {
  return typeof value === 'object' && value !== null && !Array.isArray(value) && !ArrayBuffer.isView(value);
}

/** As a message may show it: short, in a line. */
function shown(value: unknown): string {
  if (typeof value === 'string') return `'${value.slice(0, 60).replace(/\p{C}/gu, '.')}'`;
  if (typeof value === 'function') return 'a function';
  if (typeof value !== 'object' || value === null) return String(value);
  if (ArrayBuffer.isView(value) || Array.isArray(value)) return `${nameOf(value)} of ${lengthOf(value)}`;
  return nameOf(value);
}

function nameOf(value: object): string {
  const { constructor } = value;
  return typeof constructor === 'function' ? constructor.name : 'an object';
}

function lengthOf(value: ArrayBufferView | readonly unknown[]): number {
  return 'length' in value && typeof value.length === 'number' ? value.length : Number(Object(value).byteLength);
}
