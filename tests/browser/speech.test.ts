import { readFileSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

import type { Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest';
import { WebSocket } from 'ws';

import { connect } from '../../client/index.ts';
import { fmt, riff } from '../audio/wav-file.ts';
import { pcmOf, textOf } from '../server/recordings.ts';
import { startTestServer, type TestServer } from '../server/test-server.ts';
import { startProxy } from '../server/native/cutting-proxy.ts';
import { CHROMIUM, chromiumNote, launchChromium } from './chromium.ts';
import { choose, openConsole, PATIENCE, textOfPage, untilSettled, wordsOf } from './console-page.ts';

const SAMPLE = 'two-numbers';
const samplePath = (name: string): string => fileURLToPath(new URL(`../../samples/${name}.wav`, import.meta.url));

/** A sample between silences, as WAV: a browser's microphone takes a moment to open. */
async function microphoneFile(folder: string): Promise<string> {
  const sampleRate = 16_000;
  const silence = Buffer.alloc(2 * 2 * sampleRate);
  const pcm = Buffer.concat([silence, await pcmOf(SAMPLE, sampleRate), silence, silence]);
  const path = join(folder, 'microphone.wav');
  await writeFile(path, riff([fmt({ sampleRate }), { name: 'data', content: pcm }]));
  return path;
}

type Sent = { readonly start: string[]; readonly audio: Buffer[] };

/** What a page says to the server, as it says it. */
function sentOver(page: Page): Sent {
  const sent: Sent = { start: [], audio: [] };
  page.on('websocket', (socket) => {
    socket.on('framesent', ({ payload }) => {
      if (typeof payload === 'string') sent.start.push(payload);
      else sent.audio.push(payload);
    });
  });
  return sent;
}

/** The words that the server hears of the same audio from another client. */
async function textOfAudio(url: string, { start, audio }: Sent): Promise<string> {
  const { sampleRate } = JSON.parse(start[0] ?? '{}') as { sampleRate: number }; // a start message comes first
  const stream = connect(url, { encoding: 's16le', sampleRate, WebSocket });
  const sending = (async () => {
    for (const bytes of audio) await stream.send(bytes);
    stream.close();
  })();
  const texts: string[] = [];
  for await (const event of stream.events) if (event.type === 'final' && event.text !== '') texts.push(event.text);
  await sending;
  return texts.join(' ');
}

describe.skipIf(CHROMIUM === undefined)(`the console, listening${chromiumNote}`, () => {
  let folder: string;
  let server: TestServer;
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'hearken-browser-'));
    server = await startTestServer({ console: inject('consoleFolder') });
  });
  afterAll(async () => {
    await server.drain(0);
    await rm(folder, { recursive: true });
  });

  test('shows every word that the server hears of the microphone, and ends when it is told to', async () => {
    await using browser = await launchChromium(await microphoneFile(folder));
    const { page, faults } = await openConsole(browser, server.http);
    const sent = sentOver(page);
    await page.getByRole('button', { name: 'Start the microphone' }).click();
    await expect.poll(() => page.locator('.light').innerText(), PATIENCE).toBe('Open');
    await expect.poll(() => wordsOf(page).then(({ length }) => length), PATIENCE).toBeGreaterThan(4);
    await expect.poll(() => page.locator('.connection dd').first().innerText(), PATIENCE).toMatch(/^\d+\.\d\d s$/);
    await page.getByRole('button', { name: 'Stop' }).click();
    await untilSettled(page);
    const text = await textOfPage(page);
    expect(text).toBe(await textOfAudio(`ws://127.0.0.1:${server.port}/v1/stream`, sent));
    expect(text).toBe(textOf(SAMPLE));
    expect(faults).toEqual([]);
  });

  test('explains how to allow a microphone that was refused, and takes a recording instead', async () => {
    await using browser = await launchChromium();
    const { page } = await openConsole(browser, server.http);
    await page.getByRole('button', { name: 'Start the microphone' }).click();
    await expect.poll(() => page.getByRole('alert').innerText(), PATIENCE).toContain('console/microphone-denied');
    await choose(page, samplePath('pin'), 'fast');
    await expect.poll(() => textOfPage(page), PATIENCE).toBe(textOf('pin'));
    expect(await page.getByRole('alert').count()).toBe(0);
  });
});

describe.skipIf(CHROMIUM === undefined)(`the console, with a recording${chromiumNote}`, () => {
  let server: TestServer;
  beforeAll(async () => {
    server = await startTestServer({ console: inject('consoleFolder') });
  });
  afterAll(() => server.drain(0));

  test('hears a file that is dropped on the page', async () => {
    await using browser = await launchChromium();
    const { page, faults } = await openConsole(browser, server.http);
    await page.getByLabel('Recordings').selectOption('fast');
    const bytes = readFileSync(samplePath('pin')).toString('base64');
    const dataTransfer = await page.evaluateHandle(`(() => {
      const bytes = Uint8Array.from(atob('${bytes}'), (letter) => letter.charCodeAt(0));
      const data = new DataTransfer();
      data.items.add(new File([bytes], 'pin.wav', { type: 'audio/wav' }));
      return data;
    })()`);
    await page.dispatchEvent('main', 'dragover', { dataTransfer });
    await page.getByText('Drop the recording').waitFor();
    await page.dispatchEvent('main', 'drop', { dataTransfer });
    await expect.poll(() => textOfPage(page), PATIENCE).toBe(textOf('pin'));
    await untilSettled(page);
    expect(await page.getByText('Drop the recording').count()).toBe(0);
    expect(faults).toEqual([]);
  });

  test('refuses a file without audio, and says what would do', async () => {
    await using browser = await launchChromium();
    const { page } = await openConsole(browser, server.http);
    await choose(page, fileURLToPath(import.meta.url), 'fast');
    await expect.poll(() => page.getByRole('alert').innerText(), PATIENCE).toContain('console/file-format');
    await page.getByRole('button', { name: 'Dismiss' }).click();
    await expect.poll(() => page.getByRole('alert').count(), PATIENCE).toBe(0);
  });

  test('hears the same words at the same times where the network is cut, by the network or by its button', async () => {
    await using browser = await launchChromium();
    await using proxy = await startProxy(server.port);
    const { page, faults } = await openConsole(browser, `http://127.0.0.1:${proxy.port}`);
    await choose(page, samplePath(SAMPLE), 'fast');
    await untilSettled(page);
    const undisturbed = await wordsOf(page);
    expect(undisturbed).toHaveLength(textOf(SAMPLE).split(/\s+/).length);

    await choose(page, samplePath(SAMPLE), 'spoken');
    await expect.poll(() => wordsOf(page), PATIENCE).toHaveLength(4);
    proxy.cut();
    await expect.poll(() => page.locator('.outages li').allInnerTexts(), PATIENCE).toHaveLength(1);
    await expect.poll(() => page.locator('.outages').innerText(), PATIENCE).toContain('nothing lost');
    await untilSettled(page);
    expect(await wordsOf(page)).toEqual(undisturbed);

    let connections = 0;
    page.on('websocket', () => connections++);
    await choose(page, samplePath(SAMPLE), 'spoken');
    await page.getByRole('button', { name: 'Cut the connection' }).click();
    await expect.poll(() => page.locator('.outages').innerText(), PATIENCE).toContain('nothing lost');
    await untilSettled(page);
    expect(await wordsOf(page)).toEqual(undisturbed);
    expect(connections).toBe(2); // held back for the three seconds, not tried in vain again and again
    expect(faults).toEqual([]);
  });

  test.each([[['server']], [['client', 'server']]] as const)(
    'shows that a connection went dead in the words of %j, and goes on with another',
    async (sides) => {
      await using browser = await launchChromium();
      await using proxy = await startProxy(server.port);
      const { page, faults } = await openConsole(browser, `http://127.0.0.1:${proxy.port}`);
      await choose(page, samplePath(SAMPLE), 'spoken');
      await expect.poll(() => wordsOf(page), PATIENCE).toHaveLength(4);
      proxy.swallow(...sides);
      await expect
        .poll(() => page.locator('.outages').innerText(), PATIENCE)
        .toContain('no word from the server for 10 s');
      await untilSettled(page);
      expect(await textOfPage(page)).toBe(textOf(SAMPLE));
      expect(faults).toEqual([]);
    },
  );

  test('says so where the server is gone for good', async () => {
    const mortal = await startTestServer({ console: inject('consoleFolder') });
    await using browser = await launchChromium();
    const { page } = await openConsole(browser, mortal.http);
    await mortal.drain(0);
    await choose(page, samplePath('pin'), 'fast');
    await expect.poll(() => page.getByRole('alert').innerText(), PATIENCE).toContain('The server cannot be reached');
    expect(await page.locator('.light').innerText()).toBe('Not connected');
  });
});
