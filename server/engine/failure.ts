import { HearkenError } from '../../src/errors.ts';
import type { Failure } from './messages.ts';

/** Errors that are not ours keep their words but get the code of a bug. */
export function toFailure(error: unknown): Failure {
  if (error instanceof HearkenError) return { code: error.code, message: error.message };
  return { code: 'engine/failed', message: error instanceof Error ? error.message : String(error) };
}

export function fromFailure({ code, message }: Failure): HearkenError {
  return new HearkenError(code, message);
}
