import { mkdirSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

import type { Browser, Locator, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest';

import type { MemoryMessage, ServerMessage } from '../../client/protocol.ts';
import { fmt, riff } from '../audio/wav-file.ts';
import { pcmOf, textOf } from '../server/recordings.ts';
import { startTestServer, type TestServer } from '../server/test-server.ts';
import { faultsOf } from './axe-faults.ts';
import { CHROMIUM, chromiumNote, launchChromium } from './chromium.ts';
import { choose, openConsole, PATIENCE, untilSettled, wordsOf } from './console-page.ts';

const SAMPLE = fileURLToPath(new URL('../../samples/two-numbers.wav', import.meta.url));
const DESKTOP = { width: 1280, height: 800 };
const PHONE = { width: 390, height: 844 };

/** Writes the pictures of the docs, where they are asked for. */
async function screenshot(page: Page, name: string): Promise<void> {
  if (process.env['HEARKEN_SCREENSHOTS'] !== '1') return;
  const folder = fileURLToPath(new URL('../../docs/', import.meta.url));
  mkdirSync(folder, { recursive: true });
  await page.screenshot({ path: `${folder}console-${name}.png`, fullPage: true });
}

describe.skipIf(CHROMIUM === undefined)(`the console, looked at${chromiumNote}`, () => {
  let server: TestServer;
  let browser: Browser;
  beforeAll(async () => {
    server = await startTestServer({ console: inject('consoleFolder') });
    browser = await launchChromium();
  });
  afterAll(async () => {
    await browser.close();
    await server.drain(0);
  });

  test.each([
    { name: 'light', colorScheme: 'light', viewport: DESKTOP },
    { name: 'dark', colorScheme: 'dark', viewport: DESKTOP },
    { name: 'phone', colorScheme: 'light', viewport: PHONE },
  ] as const)('has room and contrast, empty and full: $name', async ({ name, colorScheme, viewport }) => {
    await using console = await openConsole(browser, server.http, { colorScheme, viewport });
    const { page, faults } = console;
    const widest = (): Promise<unknown> => page.evaluate('document.documentElement.scrollWidth');
    expect(await faultsOf(page)).toEqual([]);
    expect(await widest()).toBe(viewport.width);
    await choose(page, SAMPLE, 'fast');
    await untilSettled(page);
    await page.locator('.word').nth(5).focus();
    await page.getByText('Where the decoder looked for').waitFor();
    expect(await page.locator('.looked-at').innerText()).toContain('“eight”');
    expect(await faultsOf(page)).toEqual([]);
    expect(await widest()).toBe(viewport.width);
    const background = await page.evaluate('getComputedStyle(document.body).backgroundColor');
    expect(background).toBe(colorScheme === 'dark' ? 'rgb(17, 19, 21)' : 'rgb(244, 244, 241)');
    expect(faults).toEqual([]);
    await screenshot(page, name);
  });

  test('begins its words with a whole row wherever they are scrolled to, and every span says something', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'hearken-rows-'));
    const pcm = await pcmOf('phone-number', 16_000);
    const long = join(folder, 'long.wav');
    const content = Buffer.concat([pcm, pcm, pcm, pcm]);
    await writeFile(long, riff([fmt({ sampleRate: 16_000 }), { name: 'data', content }]));
    await using console = await openConsole(browser, server.http, { viewport: PHONE });
    const { page } = console;
    await choose(page, long, 'fast');
    await untilSettled(page);
    const list = page.locator('.transcript');
    const edge = (await list.boundingBox())?.y ?? Number.NaN;
    const isCut = async (row: Locator): Promise<boolean> => {
      const { y, height } = (await row.boundingBox()) ?? { y: 0, height: 0 };
      return y < edge - 1 && y + height > edge + 1;
    };
    const cut = async (): Promise<string[]> => {
      const words = await page.locator('.word').all();
      const texts = await Promise.all(words.map(async (word) => ((await isCut(word)) ? [await word.innerText()] : [])));
      return texts.flat();
    };
    expect(await list.evaluate((element) => element.scrollTop)).toBeGreaterThan(0);
    expect(await cut()).toEqual([]); // at the end, where it follows
    await list.hover();
    for (const pixels of [-70, -90, 33]) {
      await page.mouse.wheel(0, pixels);
      await expect.poll(cut, PATIENCE).toEqual([]);
    }
    const spans = await page.locator('span').allTextContents();
    expect(spans.filter((text) => text.trim() === '')).toEqual([]);
    const moments = await page.locator('.looked-at li').allInnerTexts();
    expect(moments.length).toBeGreaterThan(0);
    for (const moment of moments) {
      const [, start, end] = /^\d+ % (\d+\.\d\d)–(\d+\.\d\d) s \w/.exec(moment) ?? [];
      expect(Number(end), moment).toBeGreaterThan(Number(start));
    }
    await rm(folder, { recursive: true });
  });

  test('counts in its picture of the memory what the server says that it holds', async () => {
    await using console = await openConsole(browser, server.http);
    const { page } = console;
    const told: MemoryMessage[] = [];
    page.on('websocket', (socket) => {
      socket.on('framereceived', ({ payload }) => {
        const message = JSON.parse(String(payload)) as ServerMessage; // the server says nothing else
        if (message.type === 'memory') told.push(message);
      });
    });
    await choose(page, SAMPLE, 'fast');
    await untilSettled(page);
    const roots = told.at(-1)?.roots ?? [];
    const live = roots.filter(({ level }) => level > 0).length;
    const exact = roots.filter(({ level }) => level === 0).map(({ start, end }) => Math.round((end - start) / 0.04));
    expect(live).toBeGreaterThan(1);
    const figures = (): Promise<string> => page.locator('.memory .figures').innerText();
    await expect.poll(figures, PATIENCE).toContain(`: ${exact[0]} exact, ${live} live summaries`);
    const picture = page.getByLabel(/^The tree of summaries/);
    expect(await picture.getAttribute('aria-label')).toContain(`${live} live summaries and ${exact[0]} exact vectors`);
  });

  test('is used by keyboard alone: a recording is chosen, words are walked through, and left', async () => {
    await using console = await openConsole(browser, server.http);
    const { page } = console;
    const focused = (): Promise<string> => page.evaluate('document.activeElement?.innerText ?? ""');
    const tabTo = async (text: string | RegExp): Promise<void> => {
      for (let presses = 0; presses < 20; presses++) {
        await page.keyboard.press('Tab');
        const found = await focused();
        if (typeof text === 'string' ? found === text : text.test(found)) return;
      }
      throw new Error(`Expected to reach ${text} by the Tab key, got ${await focused()}`);
    };
    const choosing = page.waitForEvent('filechooser'); // before the key: the browser is told to ask us
    await tabTo('Choose a recording');
    await page.keyboard.press('Enter');
    await (await choosing).setFiles(SAMPLE);
    await untilSettled(page);
    const words = await wordsOf(page);
    expect(words).toHaveLength(textOf('two-numbers').split(/\s+/).length);

    const selected = (): Promise<string[]> => page.locator('.word[aria-selected=true]').allTextContents();
    await tabTo(/^two/);
    expect(await selected()).toEqual([words.at(-1)]);
    await page.keyboard.press('ArrowLeft');
    expect(await selected()).toEqual([words.at(-2)]);
    await page.keyboard.press('Home');
    expect(await selected()).toEqual([words[0]]);
    await page.keyboard.press('ArrowDown');
    expect(await selected()).toEqual([words[4]]);
    await page.keyboard.press('Escape');
    expect(await selected()).toEqual([]);
  });
});
