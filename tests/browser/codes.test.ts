import { fileURLToPath } from 'node:url';

import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest';

import { startTestServer, type TestServer } from '../server/test-server.ts';
import { faultsOf } from './axe-faults.ts';
import { CHROMIUM, chromiumNote, launchChromium } from './chromium.ts';
import { choose, openConsole, untilSettled } from './console-page.ts';

const PHONE_NUMBER = fileURLToPath(new URL('../../samples/phone-number.wav', import.meta.url));

describe.skipIf(CHROMIUM === undefined)(`the console, hearing codes${chromiumNote}`, () => {
  let server: TestServer;
  beforeAll(async () => {
    server = await startTestServer({ console: inject('consoleFolder') });
  });
  afterAll(() => server.drain(0));

  test('writes the code of an example with what else it may be, by keyboard alone, and masks it where it is told to', async () => {
    await using browser = await launchChromium();
    await using console = await openConsole(browser, server.http, { viewport: { width: 390, height: 844 } });
    const { page, faults } = console;
    const fields = page.getByRole('group', { name: 'Codes' });
    await fields.getByLabel('Code').focus();
    await page.keyboard.press('ArrowDown');
    const pattern = fields.getByLabel('Pattern');
    expect(await pattern.inputValue()).toBe(String.raw`\d{10}`);
    await page.keyboard.press('Tab');
    expect(await page.evaluate('document.activeElement.placeholder')).toBe(String.raw`\d{4}`);
    await page.keyboard.press('End');
    await page.keyboard.type('|0');
    expect(await fields.getByLabel('Code').inputValue()).toBe('of your own');
    await page.keyboard.press('Backspace');
    await page.keyboard.press('Backspace');
    expect(await fields.getByLabel('Code').inputValue()).toBe('Phone number');

    await choose(page, PHONE_NUMBER, 'fast');
    await untilSettled(page);
    const panel = page.getByRole('region', { name: 'Codes' });
    expect(await panel.locator('b.written').allInnerTexts()).toEqual(['5551980746']);
    expect(await panel.innerText()).toContain('complete and valid');
    const more = panel.getByText('What else it may be');
    await more.focus();
    await page.keyboard.press('Enter');
    expect(await panel.locator('details .written').count()).toBeGreaterThan(0);
    expect(await faultsOf(page)).toEqual([]);
    expect(await page.evaluate('document.documentElement.scrollWidth')).toBe(390);

    await fields.getByLabel('Mask').check();
    await choose(page, PHONE_NUMBER, 'fast');
    await untilSettled(page);
    expect(await panel.locator('b.written').allInnerTexts()).toEqual(['******0746']);
    expect(await page.locator('main').innerText()).not.toMatch(/five|seven|555/);
    expect(faults).toEqual([]);
  });

  test('says what is wrong with a pattern, and where', async () => {
    await using browser = await launchChromium();
    await using console = await openConsole(browser, server.http);
    const { page } = console;
    await page.getByLabel('Pattern').fill('a(?=b)');
    await choose(page, PHONE_NUMBER, 'fast');
    const alert = page.getByRole('alert');
    await alert.waitFor();
    expect(await alert.innerText()).toContain('column 2 of the pattern');
  });
});
