import { once } from 'node:events';
import { connect, type SecureVersion } from 'node:tls';

import { generate } from 'selfsigned';

/** A certificate for 127.0.0.1 that is its own authority, and its key, as PEM. */
export async function createCertificate(commonName: string): Promise<{ readonly cert: string; readonly key: string }> {
  const { cert, private: key } = await generate([{ name: 'commonName', value: commonName }], {
    algorithm: 'sha256',
    extensions: [{ name: 'subjectAltName', altNames: [{ type: 7, ip: '127.0.0.1' }] }],
  });
  return { cert, key };
}

/** Whose certificate a port shows. */
export async function shownAt(port: number, version?: SecureVersion): Promise<string> {
  const socket = connect({
    port,
    host: '127.0.0.1',
    rejectUnauthorized: false,
    ...(version && { minVersion: 'TLSv1', maxVersion: version, ciphers: 'ALL@SECLEVEL=0' }),
  });
  await once(socket, 'secureConnect');
  const { subject } = socket.getPeerCertificate();
  socket.destroy();
  return String(subject.CN);
}
