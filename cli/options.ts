import { InvalidArgumentError } from 'commander';

/** Range of sample rates in Hz that the resampler takes. */
export const SAMPLE_RATES = { lowest: 4_000, highest: 768_000 } as const;

/** A whole number in `minimum..maximum`, for commander. */
export function wholeNumber(minimum: number, maximum: number): (text: string) => number {
  return (text) => {
    const value = Number(text);
    if (text.trim() === '' || !Number.isInteger(value) || value < minimum || value > maximum) {
      throw new InvalidArgumentError(`Expected a whole number in ${minimum}..${maximum}.`);
    }
    return value;
  };
}

/** A number in `minimum..maximum`, for commander. */
export function numberIn(minimum: number, maximum: number): (text: string) => number {
  return (text) => {
    const value = Number(text);
    if (text.trim() === '' || !(value >= minimum && value <= maximum)) {
      throw new InvalidArgumentError(`Expected a number in ${minimum}..${maximum}.`);
    }
    return value;
  };
}
