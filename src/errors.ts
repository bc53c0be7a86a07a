import type { ErrorCode } from './error-codes.ts';

/**
 * Every refusal of the engine is a `HearkenError`: a sentence for people (``Expected `x` to be ..., got ...``) and a
 * stable `code` for programs, of the form `area/what`, for example `wav/truncated` or `option/out-of-range`.
 */
export class HearkenError extends Error {
  readonly code: ErrorCode;

  constructor(code: ErrorCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = 'HearkenError';
    this.code = code;
  }
}

/** Throws `option/out-of-range` unless `value` is an integer in `minimum..maximum`. */
export function assertInteger(name: string, value: number, minimum: number, maximum: number): void {
  if (!Number.isInteger(value) || value < minimum || value > maximum) {
    throw new HearkenError(
      'option/out-of-range',
      `Expected \`${name}\` to be an integer in ${minimum}..${maximum}, got ${value}`,
    );
  }
}

/** Throws `option/out-of-range` unless `value` is a finite number in `minimum..maximum`. */
export function assertNumber(name: string, value: number, minimum: number, maximum: number): void {
  if (!Number.isFinite(value) || value < minimum || value > maximum) {
    throw new HearkenError('option/out-of-range', `Expected \`${name}\` in ${minimum}..${maximum}, got ${value}`);
  }
}
