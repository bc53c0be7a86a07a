import { InvalidArgumentError } from 'commander';

/** A whole number of 1 or more, for commander. */
export function wholeNumber(text: string): number {
  const value = Number(text);
  if (!Number.isInteger(value) || value < 1) throw new InvalidArgumentError('Expected a whole number of 1 or more.');
  return value;
}

/** A number, for commander. */
export function anyNumber(text: string): number {
  const value = Number(text);
  if (text.trim() === '' || !Number.isFinite(value)) throw new InvalidArgumentError('Expected a number.');
  return value;
}

/** A number of 0 or more, for commander. */
export function zeroOrMore(text: string): number {
  const value = anyNumber(text);
  if (value < 0) throw new InvalidArgumentError('Expected a number of 0 or more.');
  return value;
}
