/** Every shell block of the README and the guides that can be run, as a reader runs it who has installed the package. */
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest';

import { missingPrograms, skipNote } from '../installed.ts';
import { blocksOf, isShown, printedBy } from './code-blocks.ts';
import { createGuideProject, type GuideProject } from './guide-project.ts';
import { ROOT } from './packed.ts';

const guides = (await readdir(join(ROOT, 'docs/guides'))).filter((file) => file.endsWith('.md'));
const BLOCKS = (
  await Promise.all(['README.md', ...guides.map((file) => `docs/guides/${file}`)].map((file) => blocksOf(ROOT, file)))
)
  .flat()
  .filter(({ language }) => language === 'sh');
const RUN = BLOCKS.filter(({ notRun }) => notRun === undefined);

/** Programs of the system that blocks use. */
const PROGRAMS = ['bash', 'curl', 'ffmpeg', 'seq'];

describe('shell commands that documents show', () => {
  let project: GuideProject;
  beforeAll(async () => {
    project = await createGuideProject(inject('packed'), { withTraining: true });
  }, 120_000);
  afterAll(() => project.stopServer());

  test('are all run, but for those with a reason', () => {
    const reasons = BLOCKS.flatMap(({ notRun }) => notRun ?? []);
    expect(RUN.length).toBeGreaterThan(reasons.length);
    for (const reason of reasons) expect(reason).toMatch(/^[a-z][^\n]{8,}$/);
  });

  test.for(RUN)('$place runs', async ({ code }, { skip }) => {
    const missing = missingPrograms(...PROGRAMS.filter((name) => new RegExp(`\\b${name}\\b`).test(code)));
    skip(missing.length > 0, skipNote(missing));
    const { stdout } = await project.run('bash', ['-euo', 'pipefail', '-c', project.here(code)]);
    expect(isShown(stdout.trimEnd().split('\n'), printedBy(code)), stdout).toBe(true);
  });
});
