/** Which model something was made by. */
import { createHash } from 'node:crypto';

/** Hexadecimal digits of a SHA-256 in a fingerprint: enough that no two models ever share them. */
const DIGITS = 16;

/** A short name that differs between models whose `parts` differ. */
export function fingerprint(name: string, parts: readonly (string | Uint8Array)[]): string {
  const hash = createHash('sha256');
  for (const part of parts) hash.update(part);
  return `${name}-${hash.digest('hex').slice(0, DIGITS)}`;
}
