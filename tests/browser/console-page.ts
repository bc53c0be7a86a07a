import type { Browser, BrowserContextOptions, Page } from 'playwright-core';
import { expect } from 'vitest';

/** The page in a window of its own. */
export type ConsolePage = AsyncDisposable & {
  readonly page: Page;
  /** What went wrong in it, as the browser tells: scripts, refused loads. */ readonly faults: readonly string[];
};

/** What a busy machine may take for a few seconds of audio at the speed of speech. */
export const PATIENCE = { timeout: 120_000, interval: 250 } as const;

/** Streams whose end a page was told of, and how many of them were waited for. */
const streamsOf = new WeakMap<Page, { ended: number; awaited: number }>();

function countStreams(page: Page): void {
  const streams = { ended: 0, awaited: 0 };
  streamsOf.set(page, streams);
  page.on('websocket', (socket) => {
    socket.on('framereceived', ({ payload }) => {
      if (typeof payload === 'string' && (JSON.parse(payload) as { type: string }).type === 'closed') streams.ended++;
    });
  });
}

/** As the page is before the server has let it in. */
export async function openPage(
  browser: Browser,
  url: string,
  options: BrowserContextOptions = {},
): Promise<ConsolePage> {
  const page = await browser.newPage(options);
  page.setDefaultTimeout(PATIENCE.timeout);
  countStreams(page);
  const faults: string[] = [];
  page.on('pageerror', (error) => faults.push(error.message));
  page.on('console', (message) => {
    if (message.type() === 'error') faults.push(message.text());
  });
  await page.goto(url);
  return { page, faults, [Symbol.asyncDispose]: () => page.close() };
}

/** The console, ready to listen. */
export async function openConsole(
  browser: Browser,
  url: string,
  options?: BrowserContextOptions,
): Promise<ConsolePage> {
  const opened = await openPage(browser, url, options);
  await opened.page.getByRole('heading', { name: 'Words' }).waitFor();
  return opened;
}

/** Gives the page a recording, as a user who chooses a file. */
export async function choose(page: Page, file: string, pace: 'spoken' | 'fast'): Promise<void> {
  await page.getByLabel('Recordings').selectOption(pace);
  await page.locator('input[type=file]').setInputFiles(file);
}

/** The settled words, each with times and confidence in one line. */
export function wordsOf(page: Page): Promise<string[]> {
  return page.locator('.word').allTextContents();
}

/** The settled words alone. */
export async function textOfPage(page: Page): Promise<string> {
  return (await wordsOf(page)).map((label) => label.split(' ', 1)[0]).join(' ');
}

/** Waits until the next stream that was not waited for, which need not have begun, is over and everything is settled. */
export async function untilSettled(page: Page): Promise<void> {
  const streams = streamsOf.get(page);
  if (streams === undefined) throw new Error('Expected a page of `openPage`, got another');
  streams.awaited++;
  await expect.poll(() => streams.ended, PATIENCE).toBeGreaterThanOrEqual(streams.awaited);
  await expect.poll(() => page.locator('.light').innerText(), PATIENCE).toBe('Not connected');
}
