/** Builds the page from its sources once for all suites, into a folder of its own. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

import { build } from 'vite';
import type { TestProject } from 'vitest/node';

import { CHROMIUM } from './chromium.ts';

declare module 'vitest' {
  interface ProvidedContext {
    /** Folder of the built page; empty where no browser would look at it. */ consoleFolder: string;
  }
}

export async function setup(project: TestProject): Promise<(() => Promise<void>) | undefined> {
  if (CHROMIUM === undefined) {
    project.provide('consoleFolder', '');
    return undefined;
  }
  const outDir = await mkdtemp(join(tmpdir(), 'hearken-console-'));
  const configFile = fileURLToPath(new URL('../../console/vite.config.ts', import.meta.url));
  await build({ configFile, logLevel: 'error', build: { outDir } });
  project.provide('consoleFolder', outDir);
  return () => rm(outDir, { recursive: true });
}
