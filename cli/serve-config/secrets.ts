/** What settings name files of: keys, secrets, certificates. Read at the start, and again when the process is told to. */
import { readFile } from 'node:fs/promises';
import { createSecureContext } from 'node:tls';

import { type Authenticator, openAuthenticator } from '../../server/access/authenticator.ts';
import type { Certificate } from '../../server/http-server.ts';
import { HearkenError } from '../../src/errors.ts';
import type { TlsFiles } from './config-schema.ts';
import type { Settings } from './settings.ts';

export type Secrets = {
  readonly authenticator: Authenticator | undefined;
  readonly certificate: Certificate | undefined;
};

/** Throws `access/...`, `keys/...`, `tokens/...` or `tls/...`. */
export async function readSecrets({ keys, tokens, tls }: Settings): Promise<Secrets> {
  const isAsked = keys !== undefined || tokens !== undefined;
  return {
    authenticator: isAsked ? await openAuthenticator({ keys, tokens }) : undefined,
    certificate: tls && (await readCertificate(tls)),
  };
}

/** Reads a certificate and its key. Throws `tls/file` or `tls/certificate`. */
export async function readCertificate({ cert, key }: TlsFiles): Promise<Certificate> {
  const [certText, keyText] = await Promise.all([textOf(cert), textOf(key)]);
  try {
    createSecureContext({ cert: certText, key: keyText });
  } catch (cause) {
    const { code } = cause as NodeJS.ErrnoException; // of OpenSSL; its message may quote
    throw new HearkenError('tls/certificate', `Expected a certificate in ${cert} and its key in ${key}, got ${code}`);
  }
  return { cert: certText, key: keyText };
}

async function textOf(file: string): Promise<string> {
  try {
    return await readFile(file, 'utf8');
  } catch (cause) {
    const { code } = cause as NodeJS.ErrnoException; // of node:fs
    throw new HearkenError('tls/file', `Expected to read ${file}, got ${code}`, { cause });
  }
}
