import { existsSync } from 'node:fs';
import { delimiter, join } from 'node:path';

import { type Browser, chromium } from 'playwright-core';

/** A Chromium of the system's, by the names that packagers give it. */
function findChromium(): string | undefined {
  const folders = (process.env['PATH'] ?? '').split(delimiter);
  const names = ['chromium', 'chromium-browser', 'google-chrome-stable', 'google-chrome'];
  return names.flatMap((name) => folders.map((folder) => join(folder, name))).find((path) => existsSync(path));
}

export const CHROMIUM: string | undefined = findChromium();

/** For the title of a suite. */
export const chromiumNote: string = CHROMIUM === undefined ? ' (skipped without chromium)' : '';

/** A browser whose microphone hears the WAV file `microphone` once; without one its user denies the microphone. */
export async function launchChromium(microphone?: string): Promise<Browser> {
  return chromium.launch({
    executablePath: CHROMIUM!, // suites are skipped without it
    args: [
      '--no-sandbox', // what runs tests as root cannot have one
      '--use-fake-device-for-media-stream',
      ...(microphone === undefined
        ? ['--use-fake-ui-for-media-stream=deny']
        : ['--use-fake-ui-for-media-stream', `--use-file-for-fake-audio-capture=${microphone}%noloop`]),
    ],
  });
}
