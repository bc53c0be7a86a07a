/** Fields of `config.json` as zod has them, and the sentence that refuses a wrong one. */
import { z } from 'zod';

import { HearkenError } from '../errors.ts';

// Each schema's error message says what was expected; `refusal` turns it into a sentence.
export function integer(minimum: number, maximum: number): z.ZodType<number> {
  const error = `an integer in ${minimum}..${maximum}`;
  return z.int({ error }).min(minimum, { error }).max(maximum, { error });
}

export function number(minimum: number, maximum: number): z.ZodType<number> {
  const error = `a number in ${minimum}..${maximum}`;
  return z.number({ error }).min(minimum, { error }).max(maximum, { error });
}

export const positive: z.ZodType<number> = z
  .number({ error: 'a number above 0' })
  .positive({ error: 'a number above 0' });

export const text: z.ZodType<string> = z
  .string({ error: 'a string of 1 character or more' })
  .min(1, { error: 'a string of 1 character or more' });

export const flag: z.ZodType<boolean> = z.boolean({ error: 'true or false' });

export function oneOf<const T extends string>(...values: readonly [T, ...T[]]): z.ZodType<T> {
  return z.enum(values, { error: `one of ${values.join(', ')}` });
}

export function object<T extends z.ZodRawShape>(shape: T): z.ZodObject<T, z.core.$strict> {
  return z.strictObject(shape, { error: 'an object' });
}

export function list<T extends z.ZodType>(element: T): z.ZodArray<T> {
  return z.array(element, { error: 'a list of 1 or more' }).min(1, { error: 'a list of 1 or more' });
}

/** The error of a union by `kind`, or another field, whose values are `kinds`. */
export function kindError(...kinds: readonly string[]): (issue: { readonly code?: string | undefined }) => string {
  return ({ code }) => (code === 'invalid_union' ? `one of ${kinds.join(', ')}` : 'an object');
}

/** What is wrong with `value`, in a sentence that names the field. */
export function refusal(value: unknown, error: z.ZodError): HearkenError {
  const [issue] = error.issues;
  const unknownField = issue?.code === 'unrecognized_keys' ? issue.keys.slice(0, 1) : [];
  const fields = [...(issue?.path ?? []), ...unknownField];
  const expected = unknownField.length > 0 ? 'absent' : (issue?.message ?? 'valid');
  return fieldError(fields.join('.'), expected, valueAt(value, fields));
}

/** Runs `check`, and adds the field of the configuration to what it throws. */
export function within(field: string, check: () => void): void {
  try {
    check();
  } catch (error) {
    if (!(error instanceof HearkenError)) throw error;
    throw new HearkenError('model/config', `${error.message} in \`${field}\``, { cause: error });
  }
}

/** Expected `field` to be so, got something else. */
export function fieldError(field: string, expected: string, got: unknown): HearkenError {
  const shown = got === undefined ? 'nothing' : JSON.stringify(got).slice(0, 80);
  return new HearkenError('model/config', `Expected \`${field || 'config.json'}\` to be ${expected}, got ${shown}`);
}

/** What stands at the path `fields` of `value`, if anything. */
export function valueAt(value: unknown, fields: readonly PropertyKey[]): unknown {
  return fields.reduce<unknown>(
    (inner, field) => (typeof inner === 'object' && inner !== null ? Reflect.get(inner, field) : undefined),
    value,
  );
}
