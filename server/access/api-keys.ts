/**
 * API keys: 256 random bits, of which only the hash is stored. A plain SHA-256 is enough, since what it hides cannot be
 * guessed; a slow hash, made for passwords, would let strangers keep the server busy.
 */
import { createHash, randomBytes, timingSafeEqual } from 'node:crypto';

import { HearkenError } from '../../src/errors.ts';
import type { Identity } from './identity.ts';

export type ApiKey = {
  readonly name: string;
  /** SHA-256 of the key, 32 bytes. */
  readonly hash: Buffer;
};

const LINE = /^([\w.@-]{1,64}): *sha256:([0-9a-f]{64})$/;

export function createApiKey(): string {
  return `hk_${randomBytes(32).toString('base64url')}`;
}

/** The line that stands for `key` in the file of keys. Throws `keys/name`. */
export function keyLine(name: string, key: string): string {
  const line = `${name}: sha256:${sha256(key).toString('hex')}`;
  if (LINE.test(line)) return line;
  throw new HearkenError('keys/name', `Expected a name of 1..64 letters, digits, . _ @ and -, got ${name}`);
}

/** Lines of `keyLine`, empty ones, and comments after #. Throws `keys/file` with the line that is none of them. */
export function parseApiKeys(text: string, file: string): readonly ApiKey[] {
  return text.split('\n').flatMap((line, index) => {
    const bare = line.replace(/#.*/, '').trim();
    if (bare === '') return [];
    const [, name, hash] = LINE.exec(bare) ?? [];
    if (name === undefined || hash === undefined) {
      // What stands there is not told: it may be a key.
      throw new HearkenError(
        'keys/file',
        `${file}:${index + 1} Expected NAME: sha256:HASH, as \`hearken keys new\` prints`,
      );
    }
    return [{ name, hash: Buffer.from(hash, 'hex') }];
  });
}

/** Takes as long for a wrong key as for a right one, wherever it stands. */
export function findApiKey(keys: readonly ApiKey[], credential: string): Identity | undefined {
  const hash = sha256(credential);
  let found: Identity | undefined;
  for (const key of keys) if (timingSafeEqual(key.hash, hash)) found = { id: `key:${key.name}`, name: key.name };
  return found;
}

function sha256(text: string): Buffer {
  return createHash('sha256').update(text).digest();
}
