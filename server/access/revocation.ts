import { HearkenError } from '../../src/errors.ts';

/** The error that ends a connection whose key or token is no longer valid. */
export function revocation(): HearkenError {
  return new HearkenError('access/revoked', 'Expected a key or token that still holds, got one that was withdrawn');
}
