import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';

import { startTestServer } from './test-server.ts';

test('the console is served with its types, kept as long as its names last, and may load nothing from elsewhere', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'hearken-page-'));
  await mkdir(join(folder, 'assets'));
  await writeFile(join(folder, 'index.html'), '<!doctype html>');
  await writeFile(join(folder, 'assets', 'page-1a2b.js'), '0');
  await writeFile(join(folder, 'assets', 'page-1a2b.css'), 'a{}');
  const server = await startTestServer({ console: folder });
  const head = async (path: string): Promise<object> => {
    const { status, headers } = await fetch(server.http + path);
    return { status, type: headers.get('content-type'), kept: headers.get('cache-control') };
  };
  expect(await head('/')).toEqual({ status: 200, type: 'text/html; charset=utf-8', kept: 'no-cache' });
  const kept = 'public, max-age=31536000, immutable';
  expect(await head('/assets/page-1a2b.js')).toEqual({
    status: 200,
    type: 'application/javascript; charset=utf-8',
    kept,
  });
  expect(await head('/assets/page-1a2b.css')).toEqual({ status: 200, type: 'text/css; charset=utf-8', kept });

  const { headers } = await fetch(server.http);
  const policy = headers.get('content-security-policy')?.split('; ');
  expect(policy).toEqual(
    expect.arrayContaining(["default-src 'none'", "script-src 'self' 'wasm-unsafe-eval'", "frame-ancestors 'none'"]),
  );
  expect(policy?.join(' ')).not.toMatch(/(?<!wasm-)unsafe|https?:|\*/);
  expect(headers.get('x-content-type-options')).toBe('nosniff');

  expect((await fetch(`${server.http}/assets/none.js`)).status).toBe(404);
  expect((await fetch(`${server.http}/assets/..%2f..%2fetc/passwd`)).status).toBe(404);
  expect((await fetch(`${server.http}/livez`)).headers.get('content-security-policy')).toBeNull();
  await server.drain(0);
  await rm(folder, { recursive: true });
});

test('a server without the page answers everything else', async () => {
  const server = await startTestServer();
  expect((await fetch(server.http)).status).toBe(404);
  expect((await fetch(`${server.http}/v1/models`)).status).toBe(200);
  await server.drain(0);
});
