import { generate } from 'selfsigned';

/** A certificate for 127.0.0.1 that is its own authority, and its key, as PEM. */
export async function createCertificate(commonName: string): Promise<{ readonly cert: string; readonly key: string }> {
  const { cert, private: key } = await generate([{ name: 'commonName', value: commonName }], {
    algorithm: 'sha256',
    extensions: [{ name: 'subjectAltName', altNames: [{ type: 7, ip: '127.0.0.1' }] }],
  });
  return { cert, key };
}
