import { expect, test } from 'vitest';

import { createApiKey, findApiKey, keyLine, parseApiKeys } from '../../../server/access/api-keys.ts';
import { runCommand } from '../../cli/run-command.ts';

test('a key is found by the hash that is stored of it, and no other string is', () => {
  const [phone, web] = [createApiKey(), createApiKey()];
  const text = `# keys\n\n${keyLine('phone', phone)} # until May\r\n${keyLine('web', web)}\n`;
  const keys = parseApiKeys(text, 'keys');
  expect(findApiKey(keys, phone)).toEqual({ id: 'key:phone', name: 'phone' });
  expect(findApiKey(keys, web)).toEqual({ id: 'key:web', name: 'web' });
  for (const other of ['', createApiKey(), phone.slice(0, -1), `${phone} `, keys[0]?.hash.toString('hex') ?? '']) {
    expect(findApiKey(keys, other)).toBeUndefined();
  }
  expect(text).not.toContain(phone.slice(3));
});

test('a name may have two keys, so that one can be replaced', () => {
  const [before, after] = [createApiKey(), createApiKey()];
  const keys = parseApiKeys(`${keyLine('phone', before)}\n${keyLine('phone', after)}\n`, 'keys');
  expect(findApiKey(keys, before)).toEqual(findApiKey(keys, after));
});

test('a key is 256 random bits, which headers and subprotocols can carry', () => {
  const keys = Array.from({ length: 100 }, createApiKey);
  expect(new Set(keys).size).toBe(100);
  for (const key of keys) expect(key).toMatch(/^hk_[\w-]{43}$/);
});

test.each(['phone', 'phone: sha256:12', `phone: md5:${'0'.repeat(64)}`, `two words: sha256:${'0'.repeat(64)}`])(
  'the line %j is refused with its number, and is not told, since it may be a key',
  (line) => {
    expect(() => parseApiKeys(`# first\n${line}`, 'keys')).toThrow(
      expect.objectContaining({
        code: 'keys/file',
        message: 'keys:2 Expected NAME: sha256:HASH, as `hearken keys new` prints',
      }),
    );
  },
);

test('hearken keys new prints a key and the line that lets it in', async () => {
  const { code, stdout } = await runCommand('keys', 'new', 'phone');
  const [key = '', line = ''] = stdout.split('\n');
  expect(code).toBe(0);
  expect(findApiKey(parseApiKeys(line, 'keys'), key)).toEqual({ id: 'key:phone', name: 'phone' });
});

test('hearken keys new refuses a name that could not be stored, and prints no key', async () => {
  const { code, stdout, stderr } = await runCommand('keys', 'new', 'two words');
  expect([code, stdout]).toEqual([2, '']);
  expect(stderr).toMatch(/keys\/name/);
});
