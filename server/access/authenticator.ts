/** Who may come in by key or by token, read from files that can be read again. */
import { readFile } from 'node:fs/promises';

import type { JSONWebKeySet } from 'jose';

import { HearkenError } from '../../src/errors.ts';
import { findApiKey, parseApiKeys } from './api-keys.ts';
import type { Authenticate } from './identity.ts';
import { createTokenVerifier, type TokenOptions } from './tokens.ts';

/** Either `secret` or `jwks` is there. */
export type TokenSettings = Pick<TokenOptions, 'issuer' | 'audience'> & {
  /** File of a shared secret, whose last line break is left out. */ readonly secret?: string | undefined;
  /** A key set: a file, or where it is published. */ readonly jwks?: string | undefined;
};

export type AuthenticatorSettings = {
  /** File of lines that `hearken keys new` prints. */ readonly keys?: string | undefined;
  readonly tokens?: TokenSettings | undefined;
};

export type Authenticator = {
  readonly authenticate: Authenticate;
  /** Reads the files again; where they are at fault, rejects and goes on with what it had. */
  readonly reload: () => Promise<void>;
};

/** Throws `access/file`, `keys/...` or `tokens/...`. */
export async function openAuthenticator(settings: AuthenticatorSettings): Promise<Authenticator> {
  let authenticate = await load(settings);
  return {
    authenticate: async (credential, at) => {
      for (;;) {
        const current = authenticate;
        const identity = await current(credential, at);
        if (current === authenticate) return identity; // else the files were read again meanwhile
      }
    },
    reload: async () => {
      authenticate = await load(settings);
    },
  };
}

async function load({ keys: file, tokens }: AuthenticatorSettings): Promise<Authenticate> {
  const keys = file === undefined ? [] : parseApiKeys((await contentsOf(file)).toString(), file);
  const verifyToken = tokens && createTokenVerifier({ ...tokens, keys: await tokenKeysOf(tokens) });
  return async (credential, at) => {
    // Keys have no dot, tokens have two.
    if (verifyToken !== undefined && credential.split('.').length === 3) return verifyToken(credential, at);
    return findApiKey(keys, credential);
  };
}

async function tokenKeysOf({ secret, jwks = '' }: TokenSettings): Promise<TokenOptions['keys']> {
  if (secret !== undefined) return Buffer.from((await contentsOf(secret)).toString().replace(/\r?\n$/, ''));
  if (/^https?:\/\//.test(jwks)) return new URL(jwks);
  try {
    return JSON.parse((await contentsOf(jwks)).toString()) as JSONWebKeySet; // `createLocalJWKSet` looks
  } catch (error) {
    if (error instanceof HearkenError) throw error;
    throw new HearkenError('tokens/keys', `Expected a JSON Web Key Set in ${jwks}, got no JSON`);
  }
}

async function contentsOf(file: string): Promise<Buffer> {
  try {
    return await readFile(file);
  } catch (cause) {
    const { code } = cause as NodeJS.ErrnoException; // of node:fs
    throw new HearkenError('access/file', `Expected to read ${file}, got ${code}`, { cause });
  }
}
