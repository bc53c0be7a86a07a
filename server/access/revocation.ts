import { HearkenError } from '../../src/errors.ts';

/** Why a connection ends whose key or token is no longer one. */
export function revocation(): HearkenError {
  return new HearkenError('access/revoked', 'Expected a key or token that still holds, got one that was withdrawn');
}
