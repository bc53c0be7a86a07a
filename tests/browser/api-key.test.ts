import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

import type { Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest';

import { createApiKey, keyLine } from '../../server/access/api-keys.ts';
import { openAuthenticator } from '../../server/access/authenticator.ts';
import { textOf } from '../server/recordings.ts';
import { startTestServer, type TestServer } from '../server/test-server.ts';
import { faultsOf } from './axe-faults.ts';
import { CHROMIUM, chromiumNote, launchChromium } from './chromium.ts';
import { choose, openPage, PATIENCE, textOfPage, untilSettled } from './console-page.ts';

const KEY = createApiKey();
const SAMPLE = fileURLToPath(new URL('../../samples/pin.wav', import.meta.url));

/** Every address that the page asks for, and its own. */
function addressesOf(page: Page): string[] {
  const addresses: string[] = [];
  page.on('request', (request) => addresses.push(request.url()));
  page.on('websocket', (socket) => addresses.push(socket.url()));
  page.on('framenavigated', (frame) => addresses.push(frame.url()));
  return addresses;
}

async function giveKey(page: Page, key: string): Promise<void> {
  await page.getByLabel('API key').fill(key);
  await page.getByRole('button', { name: 'Use the key' }).click();
}

const stored = (page: Page): Promise<unknown> =>
  page.evaluate('[...Object.values(sessionStorage), ...Object.values(localStorage), document.cookie].join("")');

describe.skipIf(CHROMIUM === undefined)(`the console of a server with keys${chromiumNote}`, () => {
  let folder: string;
  let server: TestServer;
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'hearken-keys-'));
    const keys = join(folder, 'keys');
    await writeFile(keys, `${keyLine('console', KEY)}\n`);
    server = await startTestServer({ console: inject('consoleFolder'), access: await openAuthenticator({ keys }) });
  });
  afterAll(async () => {
    await server.drain(0);
    await rm(folder, { recursive: true });
  });

  test('asks for a key, says that a wrong one is wrong, listens with the right one, and forgets it', async () => {
    await using browser = await launchChromium();
    await using opened = await openPage(browser, server.http);
    const { page } = opened;
    const addresses = addressesOf(page);
    const words = page.getByRole('heading', { name: 'Words' });
    const field = page.getByLabel('API key');
    await field.waitFor();
    expect(await field.getAttribute('type')).toBe('password');
    expect(await page.getByRole('alert').count()).toBe(0);
    expect(opened.faults).toEqual([]);

    for (const wrong of [createApiKey(), 'schlüssel of łódź']) {
      await giveKey(page, wrong);
      await expect.poll(() => page.getByRole('alert').innerText(), PATIENCE).toContain('does not take this key');
      expect(await stored(page)).toBe('');
      expect(await faultsOf(page)).toEqual([]);
      await page.reload();
    }

    await giveKey(page, KEY);
    await words.waitFor();
    expect(await faultsOf(page)).toEqual([]);
    await choose(page, SAMPLE, 'fast');
    await expect.poll(() => textOfPage(page), PATIENCE).toBe(textOf('pin'));
    await untilSettled(page);
    expect(await page.evaluate('[Object.values(sessionStorage), Object.values(localStorage)]')).toEqual([[KEY], []]);

    await page.reload();
    await words.waitFor();
    await page.getByRole('button', { name: 'Forget the key' }).click();
    await field.waitFor();
    expect(await page.getByRole('alert').count()).toBe(0);
    expect(await stored(page)).toBe('');
    await page.reload();
    await field.waitFor();
    expect(addresses).toContain(`${server.http.replace('http', 'ws')}/v1/stream`);
    expect(addresses.filter((address) => address.includes(KEY))).toEqual([]);
  });
});
