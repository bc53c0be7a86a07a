import { createHash } from 'node:crypto';

/** Of a SHA-256: enough that no two models ever share them. */
const DIGITS = 16;

/** Tells models apart by what they compute from. */
export function fingerprint(name: string, parts: readonly (string | Uint8Array)[]): string {
  const hash = createHash('sha256');
  for (const part of parts) hash.update(part);
  return `${name}-${hash.digest('hex').slice(0, DIGITS)}`;
}
