/** JSON Web Tokens of an identity provider: signed by one of its keys, for us, and not expired. */
import {
  createLocalJWKSet,
  createRemoteJWKSet,
  errors,
  type JSONWebKeySet,
  jwtVerify,
  type JWTVerifyOptions,
} from 'jose';

import { HearkenError } from '../../src/errors.ts';
import type { Authenticate } from './identity.ts';

export type TokenOptions = {
  /** A shared secret of 32 bytes at least (HS256), a key set, or where one is published. */
  readonly keys: Uint8Array | JSONWebKeySet | URL;
  /** Expected in `iss` and `aud`. */ readonly issuer: string;
  readonly audience: string;
};

/** Signatures by key sets. None with a shared secret is among them: a public key must not pass for one. */
const ALGORITHMS = [
  'RS256',
  'RS384',
  'RS512',
  'PS256',
  'PS384',
  'PS512',
  'ES256',
  'ES384',
  'ES512',
  'EdDSA',
  'Ed25519',
];
const SECRET_BYTES = 32;
/** Seconds by which the clocks of server and token issuer may differ. */
const CLOCK_TOLERANCE_SECONDS = 5;
/** Milliseconds that an identity provider may take to give its keys, which are kept for later. */
const FETCH_TIMEOUT_MS = 5_000;

/** Codes that `jose` throws where the token is not at fault: a key set that cannot be had or read. */
const NOT_THE_TOKEN: ReadonlySet<string> = new Set(['ERR_JOSE_GENERIC', 'ERR_JWKS_TIMEOUT', 'ERR_JWKS_INVALID']);

/** Throws `tokens/secret` or `tokens/keys`. Tokens must have `exp`, and `sub`: the client that they stand for. */
export function createTokenVerifier({ keys, issuer, audience }: TokenOptions): Authenticate {
  const claims = { issuer, audience, requiredClaims: ['exp', 'sub'], clockTolerance: CLOCK_TOLERANCE_SECONDS };
  const verify = verifierBy(keys, claims);
  return async (token, at) => {
    try {
      const { sub = '' } = await verify(token, at);
      return sub === '' ? undefined : { id: `token:${sub}` };
    } catch (error) {
      if (error instanceof errors.JOSEError && !NOT_THE_TOKEN.has(error.code)) return undefined;
      throw new HearkenError('access/key-set', 'Expected the keys of the identity provider, got none', {
        cause: error,
      });
    }
  };
}

type Verify = (token: string, currentDate?: Date) => Promise<{ readonly sub?: string }>;

function verifierBy(keys: TokenOptions['keys'], claims: JWTVerifyOptions): Verify {
  if (keys instanceof Uint8Array) {
    if (keys.length < SECRET_BYTES) {
      throw new HearkenError(
        'tokens/secret',
        `Expected a secret of ${SECRET_BYTES} bytes at least, got ${keys.length}`,
      );
    }
    return async (token, currentDate) =>
      (await jwtVerify(token, keys, { ...claims, ...(currentDate && { currentDate }), algorithms: ['HS256'] })).payload;
  }
  const byUrl = keys instanceof URL;
  const keySet = byUrl ? createRemoteJWKSet(keys, { timeoutDuration: FETCH_TIMEOUT_MS }) : localKeySet(keys);
  return async (token, currentDate) =>
    (await jwtVerify(token, keySet, { ...claims, ...(currentDate && { currentDate }), algorithms: ALGORITHMS }))
      .payload;
}

function localKeySet(keys: JSONWebKeySet): ReturnType<typeof createLocalJWKSet> {
  try {
    return createLocalJWKSet(keys);
  } catch (cause) {
    throw new HearkenError('tokens/keys', 'Expected a JSON Web Key Set, got something else', { cause });
  }
}
