/** Packs once for all test files of the project. */
import { rm } from 'node:fs/promises';
import type { TestProject } from 'vitest/node';

import { pack, type Packed } from './packed.ts';

declare module 'vitest' {
  interface ProvidedContext {
    packed: Packed;
  }
}

export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  const packed = await pack();
  project.provide('packed', packed);
  return () => rm(packed.folder, { recursive: true, force: true });
}
