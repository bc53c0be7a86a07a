/** The page `Attention`, as the build writes it, from a file server that knows nothing of it. */
import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

import type { Browser, Locator, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';

import { textOf } from '../server/recordings.ts';
import { faultsOf } from './axe-faults.ts';
import { CHROMIUM, chromiumNote, launchChromium } from './chromium.ts';
import { PATIENCE } from './console-page.ts';

const ROOT = fileURLToPath(new URL('../../', import.meta.url));
const TYPES: Readonly<Record<string, string>> = {
  '.html': 'text/html',
  '.js': 'text/javascript',
  '.css': 'text/css',
  '.wasm': 'application/wasm',
  '.svg': 'image/svg+xml',
  '.json': 'application/json',
};

function serve(folder: string): Server {
  return createServer((request, response) => {
    const { pathname } = new URL(request.url ?? '/', 'http://localhost');
    const file = path.join(folder, pathname === '/' ? 'index.html' : pathname);
    if (!existsSync(file)) {
      response.writeHead(404).end();
      return;
    }
    response.setHeader('content-type', TYPES[path.extname(file)] ?? 'application/octet-stream');
    void readFile(file).then((bytes) => response.end(bytes));
  });
}

describe.skipIf(CHROMIUM === undefined)(`the page of attention${chromiumNote}`, () => {
  let folder: string;
  let server: Server;
  let browser: Browser;
  let built = '';
  /** One for all tests: it takes seconds to compile the runtime. */ let page: Page;
  const faults: string[] = [];
  const asked: string[] = [];
  beforeAll(async () => {
    folder = await mkdtemp(path.join(tmpdir(), 'hearken-playground-'));
    const build = ['--import', 'tsx', 'scripts/build-playground.ts', '--out', folder];
    built = (await promisify(execFile)(process.execPath, build, { cwd: ROOT })).stdout;
    server = serve(folder).listen(0);
    browser = await launchChromium();
    page = await browser.newPage({ reducedMotion: 'reduce' });
    page.setDefaultTimeout(PATIENCE.timeout);
    page.on('pageerror', ({ message }) => faults.push(message));
    page.on('request', (request) => asked.push(new URL(request.url()).pathname));
    await page.goto(`http://localhost:${(server.address() as AddressInfo).port}/`);
  });
  afterAll(async () => {
    await browser.close();
    server.close();
    await rm(folder, { recursive: true });
  });

  const panelOf = (heading: string): Locator =>
    page.locator('section', { has: page.getByRole('heading', { name: heading }) });

  test('tells what it weighs, and begins with less than 3 MB of models and 15 MB of runtime', () => {
    const first = built.slice(0, built.indexOf('when it is asked for'));
    const sizes = [...first.matchAll(/^ +([\d.]+) MB {2}(\S+)$/gm)].map(([, size, name]) => ({ size, name }));
    const weigh = (isWanted: (name: string) => boolean): number =>
      sizes.filter(({ name = '' }) => isWanted(name)).reduce((sum, { size }) => sum + Number(size), 0);
    expect(weigh((name) => /^[\w-]+$/.test(name))).toBeLessThan(3);
    expect(weigh((name) => !/^[\w-]+$/.test(name))).toBeLessThan(15);
    expect(weigh((name) => name.endsWith('.wasm'))).toBeGreaterThan(1);
  });

  test('reads numbers aloud, looks at the digits that it says, and fetches another score when it is chosen', async () => {
    const panel = panelOf('Numbers, read aloud');
    const written = panel.getByRole('status');
    await expect.poll(() => written.innerText(), PATIENCE).toBe('forty two seven nineteen');
    const looked = await panel.locator('canvas').getAttribute('aria-label');
    expect(looked).toBe('Looked most: forty at 4, two at 2, seven at 7, nineteen at 1');
    expect(asked.filter((address) => address.endsWith('.onnx')).filter((address) => !/bahdanau/.test(address))).toEqual(
      [],
    );
    await panel.getByLabel('Attention').selectOption('none: one vector');
    await panel.getByLabel('Numbers').fill('90 5');
    await expect.poll(() => written.innerText(), PATIENCE).toBe('ninety five');
    await panel.getByLabel('Numbers').fill('90 x');
    await panel.getByRole('alert').waitFor();
    expect(await panel.getByRole('alert').innerText()).toContain("got 'x' as symbol 4");
    await panel.getByLabel('Attention').selectOption('general score (Luong)');
    await panel.getByLabel('Numbers').fill('8 15');
    await expect.poll(() => written.innerText(), PATIENCE).toBe('eight fifteen');
  });

  test('says how a word is spoken, letter by letter', async () => {
    const panel = panelOf('Letters and sounds');
    await panel.getByLabel('A word').fill('phone');
    await panel.locator('canvas').waitFor();
    const looked = await panel.locator('canvas').getAttribute('aria-label');
    expect(looked).toMatch(/^Looked most: F at [ph], OW at o, N at n$/);
  });

  test('moves the width of a kernel, by the keyboard too', async () => {
    const panel = panelOf('Attention by nearness');
    const heard = async (): Promise<number> =>
      Number(/of (\d+) points/.exec(await panel.getByRole('status').innerText())?.[1]);
    const before = await heard();
    await panel.getByRole('slider', { name: 'Width' }).focus();
    await page.keyboard.press('End');
    await expect.poll(heard, PATIENCE).toBeGreaterThan(before);
    await panel.getByLabel('Kernel').selectOption('boxcar');
    await panel.getByRole('slider', { name: 'Width' }).fill('0.05');
    await expect.poll(heard, PATIENCE).toBeLessThan(4);
    await panel.getByLabel('Kernel').selectOption('epanechnikov');
    await panel.getByRole('slider', { name: 'Width' }).fill('0.8');
    await expect.poll(heard, PATIENCE).toBeGreaterThan(4);
  });

  test('names the digits of a picture, shows where each word looks, and is drawn in', async () => {
    const panel = panelOf('Digits, seen and named');
    await panel.getByRole('button', { name: 'Show an example' }).click();
    const words = panel.locator('.looks li');
    await expect.poll(() => words.allInnerTexts(), PATIENCE).not.toEqual([]);
    const named = await words.allInnerTexts();
    expect(await panel.getByRole('status').innerText()).toBe(named.join(' '));
    expect(named[0]).toMatch(/^(zero|one|two|three|four|five|six|seven|eight|nine)$/);
    for (const canvas of await words.locator('canvas').all()) {
      const label = await canvas.getAttribute('aria-label');
      expect(label).toMatch(/ looked at (the middle|(top|middle|bottom) (left|middle|right))$/);
    }
    await panel.getByRole('button', { name: 'Clear' }).click();
    await expect.poll(() => words.count(), PATIENCE).toBe(0);
    const empty = panel.getByLabel('An empty picture, to draw in');
    await empty.scrollIntoViewIfNeeded();
    const { x, y } = (await empty.boundingBox())!; // it is there
    await page.mouse.move(x + 60, y + 60);
    await page.mouse.down();
    await page.mouse.move(x + 60, y + 130, { steps: 4 });
    await page.mouse.up();
    await panel.getByLabel('The picture that is drawn').waitFor();
    await expect.poll(() => words.count(), PATIENCE).toBeGreaterThan(0);
    await panel.getByRole('button', { name: 'Show an example' }).click();
    await expect.poll(() => words.allInnerTexts(), PATIENCE).toEqual(named);
  });

  test('hears a recording, and shows the memory that takes it in', async () => {
    await page.getByRole('button', { name: 'Play phone-number.wav' }).click();
    await page.getByRole('heading', { name: 'Memory' }).waitFor();
    const said = textOf('phone-number').split(/\s+/);
    const words = (): Promise<string[]> => page.locator('.word .text').allInnerTexts();
    await expect.poll(words, PATIENCE).toEqual(said);
    const tree = await page.getByLabel(/^The tree of summaries/).getAttribute('aria-label');
    expect(tree).toMatch(/[1-9]\d* live summaries/);
  });

  test.each([
    { name: 'light', colorScheme: 'light', viewport: { width: 1280, height: 800 } },
    { name: 'dark', colorScheme: 'dark', viewport: { width: 1280, height: 800 } },
    { name: 'phone', colorScheme: 'light', viewport: { width: 390, height: 844 } },
  ] as const)('has room and contrast: $name', async ({ name, colorScheme, viewport }) => {
    await page.emulateMedia({ colorScheme });
    await page.setViewportSize(viewport);
    expect(await faultsOf(page)).toEqual([]);
    expect(await page.evaluate('document.documentElement.scrollWidth')).toBe(viewport.width);
    if (process.env['HEARKEN_SCREENSHOTS'] !== '1' || name !== 'light') return;
    await page.screenshot({ path: path.join(ROOT, 'docs', 'playground-light.png'), fullPage: true });
  });

  test('throws nothing in all this', () => {
    expect(faults).toEqual([]);
  });
});
