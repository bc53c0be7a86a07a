import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';

import { expect, onTestFinished, test } from 'vitest';

import { createApiKey, keyLine } from '../../server/access/api-keys.ts';
import { createCertificate, shownAt } from './certificate.ts';
import { connectSocket, refusedHandshake } from './socket-client.ts';

/** `hearken serve --config FILE` in a process of its own, and what it logs. */
async function spawnServer(file: string): Promise<{
  child: ChildProcess;
  /** Reads on until all of the messages have come; the last of them. */
  logged: (...messages: readonly string[]) => Promise<{ port: number; voskPort: number; code?: string }>;
}> {
  const main = fileURLToPath(new URL('../../cli/main.ts', import.meta.url));
  const child = spawn(process.execPath, ['--import', 'tsx', main, 'serve', '--config', file]);
  onTestFinished(() => void child.kill());
  const lines = createInterface(child.stdout)[Symbol.asyncIterator]();
  const logged = async (...messages: readonly string[]): Promise<never> => {
    let missing = messages;
    for (;;) {
      const { value, done } = await lines.next();
      if (done) throw new Error(`Expected the log to say ${missing.join(' and ')}, got its end`);
      const entry = JSON.parse(value) as { msg: string }; // pino wrote it
      missing = missing.filter((message) => !entry.msg.includes(message));
      if (missing.length === 0) return entry as never; // what the caller knows of it
    }
  };
  return { child, logged };
}

test('SIGHUP has keys, certificate and models read again, who has no key any more is closed, and files at fault change nothing', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'hearken-tls-'));
  const [first, second] = await Promise.all([createCertificate('first'), createCertificate('second')]);
  const [before, after, lasting] = [createApiKey(), createApiKey(), createApiKey()];
  const write = (name: string, text: string): Promise<void> => writeFile(join(folder, name), text);
  await write('cert.pem', first.cert);
  await write('key.pem', first.key);
  await write('keys', `${keyLine('phone', before)}\n${keyLine('desk', lasting)}`);
  await write('hearken.yaml', 'port: 0\nvoskPort: 0\nkeys: keys\ntls: { cert: cert.pem, key: key.pem }\n');
  const { child, logged } = await spawnServer(join(folder, 'hearken.yaml'));
  const { port, voskPort } = await logged('listening');
  const url = `wss://127.0.0.1:${voskPort}`;
  const asked = (key: string): object => ({ rejectUnauthorized: false, headers: { authorization: `Bearer ${key}` } });
  const [leaves, stays] = [await connectSocket(url, [], asked(before)), await connectSocket(url, [], asked(lasting))];
  expect((await refusedHandshake(url, [], asked(after))).statusCode).toBe(401);

  await write('cert.pem', second.cert);
  await write('key.pem', second.key);
  await write('keys', `${keyLine('phone', after)}\n${keyLine('desk', lasting)}`);
  child.kill('SIGHUP');
  await logged('read again', 'model has not changed');
  expect([await shownAt(port), await shownAt(voskPort)]).toEqual(['second', 'second']);
  (await connectSocket(url, [], asked(after))).socket.close();
  expect((await refusedHandshake(url, [], asked(before))).statusCode).toBe(401);
  expect((await leaves.closed).code).toBe(1008);
  stays.send(Buffer.alloc(3_200)); // whose key is still there stays
  expect(JSON.parse(await stays.reply())).toEqual({ partial: '' });

  await write('keys', after);
  child.kill('SIGHUP');
  const fault = await logged('keys:1 Expected');
  expect(JSON.stringify(fault)).not.toContain(after);
  expect(fault.code).toBe('keys/file');
  (await connectSocket(url, [], asked(after))).socket.close();
  const exited = once(child, 'exit');
  child.kill('SIGTERM');
  expect(await exited).toEqual([0, null]);
});
