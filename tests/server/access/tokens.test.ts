import { once } from 'node:events';
import { mkdtemp, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import {
  exportJWK,
  exportSPKI,
  generateKeyPair,
  type JSONWebKeySet,
  type JWTHeaderParameters,
  SignJWT,
  UnsecuredJWT,
} from 'jose';
import { describe, expect, onTestFinished, test } from 'vitest';

import { openAuthenticator } from '../../../server/access/authenticator.ts';
import { createTokenVerifier } from '../../../server/access/tokens.ts';

const SECRET = new TextEncoder().encode('0123456789abcdef0123456789abcdef');
const HS256 = { alg: 'HS256' };
const BY_ONE = { alg: 'ES256', kid: 'one' };
const CLAIMS = { issuer: 'https://id.example', audience: 'hearken' };

/** A token that is in order, but for what `change` does to it. */
function token(change: (jwt: SignJWT) => SignJWT = (jwt) => jwt, header: JWTHeaderParameters = HS256): SignJWT {
  const jwt = new SignJWT({}).setProtectedHeader(header);
  return change(jwt.setIssuer(CLAIMS.issuer).setAudience(CLAIMS.audience).setSubject('anna').setExpirationTime('1h'));
}

describe('a token signed by the shared secret', () => {
  const verify = createTokenVerifier({ ...CLAIMS, keys: SECRET });

  test('stands for its subject', async () => {
    expect(await verify(await token().sign(SECRET))).toEqual({ id: 'token:anna' });
  });

  test.each<[string, () => Promise<string> | string]>([
    ['of another issuer', () => token((jwt) => jwt.setIssuer('https://evil.example')).sign(SECRET)],
    ['for another audience', () => token((jwt) => jwt.setAudience('mail')).sign(SECRET)],
    ['that has expired', () => token((jwt) => jwt.setExpirationTime('-1m')).sign(SECRET)],
    ['that is not valid yet', () => token((jwt) => jwt.setNotBefore('1m')).sign(SECRET)],
    ['without a subject', () => token((jwt) => jwt.setSubject('')).sign(SECRET)],
    [
      'that never expires',
      () =>
        new SignJWT({ iss: CLAIMS.issuer, aud: CLAIMS.audience, sub: 'anna' }).setProtectedHeader(HS256).sign(SECRET),
    ],
    ['signed by another secret', () => token().sign(SECRET.toReversed())],
    ['signed by another algorithm', () => token(undefined, { alg: 'HS512' }).sign(new Uint8Array(64))],
    [
      'without a signature',
      () =>
        new UnsecuredJWT({ iss: CLAIMS.issuer, aud: CLAIMS.audience, sub: 'anna' }).setExpirationTime('1h').encode(),
    ],
    ['of nonsense', () => 'a.b.c'],
  ])('%s is no credential', async (_, make) => {
    expect(await verify(await make())).toBeUndefined();
  });

  test('stands for its subject as of the time that is asked about, however old it has become', async () => {
    const old = await token((jwt) => jwt.setExpirationTime('-1m')).sign(SECRET);
    const before = new Date(Date.now() - 120_000);
    expect(await verify(old, before)).toEqual({ id: 'token:anna' });
    expect(await createTokenVerifier({ ...CLAIMS, keys: SECRET.toReversed() })(old, before)).toBeUndefined();
  });

  test('needs a secret that cannot be guessed', () => {
    expect(() => createTokenVerifier({ ...CLAIMS, keys: SECRET.subarray(1) })).toThrow(
      expect.objectContaining({ code: 'tokens/secret' }),
    );
  });
});

describe('a token signed by a key of a set', () => {
  const pair = generateKeyPair('ES256', { extractable: true });
  const signed = async (): Promise<string> => token(undefined, BY_ONE).sign((await pair).privateKey);
  const keySet = async (): Promise<JSONWebKeySet> => ({
    keys: [{ ...(await exportJWK((await pair).publicKey)), kid: 'one', alg: 'ES256' }],
  });

  test('stands for its subject, whether the set is given or published', async () => {
    const body = JSON.stringify(await keySet());
    const server = createServer((_request, response) => response.end(body)).listen(0, '127.0.0.1');
    onTestFinished(() => void server.close());
    await once(server, 'listening');
    const url = new URL(`http://127.0.0.1:${(server.address() as AddressInfo).port}/keys`); // it listens on TCP
    for (const keys of [await keySet(), url]) {
      const verify = createTokenVerifier({ ...CLAIMS, keys });
      expect(await verify(await signed())).toEqual({ id: 'token:anna' });
    }
  });

  test('cannot be forged by whoever knows the public keys', async () => {
    const verify = createTokenVerifier({ ...CLAIMS, keys: await keySet() });
    const publicKey = new TextEncoder().encode(await exportSPKI((await pair).publicKey));
    expect(await verify(await token().sign(publicKey))).toBeUndefined();
    const other = await generateKeyPair('ES256');
    const forged = token(undefined, BY_ONE).sign(other.privateKey);
    expect(await verify(await forged)).toBeUndefined();
  });

  test('is neither right nor wrong where the set cannot be had', async () => {
    const verify = createTokenVerifier({ ...CLAIMS, keys: new URL('http://127.0.0.1:1/keys') });
    await expect(verify(await signed())).rejects.toMatchObject({ code: 'access/key-set' });
  });

  test('is checked by a set in a file', async () => {
    const file = join(await mkdtemp(join(tmpdir(), 'hearken-jwks-')), 'jwks.json');
    await writeFile(file, JSON.stringify(await keySet()));
    const { authenticate } = await openAuthenticator({ tokens: { ...CLAIMS, jwks: file } });
    expect(await authenticate(await signed())).toEqual({ id: 'token:anna' });
    await writeFile(file, '{"keys": 5}');
    await expect(openAuthenticator({ tokens: { ...CLAIMS, jwks: file } })).rejects.toMatchObject({
      code: 'tokens/keys',
    });
  });
});
