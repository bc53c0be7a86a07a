/** Every TypeScript block of the README, the guides and the docblocks, as a reader runs it who has installed the package. */
import { mkdir, readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest';

import { blocksOf, type CodeBlock, examplesOf, isShown, printedBy } from './code-blocks.ts';
import { createGuideProject, type GuideProject } from './guide-project.ts';
import { linkPackage, ROOT } from './packed.ts';

const SOURCES = ['src', 'streams', 'client', 'server'];
const OPTIONS =
  '--strict --module nodenext --target es2022 --lib es2023,esnext.disposable --types node --moduleDetection force';

async function filesIn(folder: string, ending: string): Promise<string[]> {
  const files = await readdir(join(ROOT, folder), { recursive: true });
  return files.filter((file) => file.endsWith(ending)).map((file) => `${folder}/${file}`);
}

const guides = await Promise.all(
  ['README.md', 'docs/attention.md', ...(await filesIn('docs/guides', '.md'))].map((file) => blocksOf(ROOT, file)),
);
const sources = (await Promise.all(SOURCES.map((folder) => filesIn(folder, '.ts')))).flat();
const examples = await Promise.all(sources.map((file) => examplesOf(ROOT, file)));
const BLOCKS = [...guides, ...examples].flat().filter(({ language }) => language === 'ts');

/** Whether a block needs what is only installed to train. */
function needsTraining({ code }: CodeBlock): boolean {
  return /loadTokenModel|hearken\/(attention|decoder|encoder|losses|memory|model|training)|'tfjs'/.test(code);
}

function nameOf({ place }: CodeBlock): string {
  return place.replaceAll(/[^a-z0-9]+/gi, '-');
}

describe('TypeScript that documents show', () => {
  let plain: GuideProject;
  let training: GuideProject;
  /** What the compiler said of each. */
  let faults: readonly string[];

  beforeAll(async () => {
    const packed = inject('packed');
    plain = await createGuideProject(packed);
    training = await createGuideProject(packed, { withTraining: true });
    for (const { folder } of [plain, training]) await mkdir(join(folder, 'guides'));
    for (const block of BLOCKS) {
      const { folder, here } = needsTraining(block) ? training : plain;
      await writeFile(join(folder, 'guides', `${nameOf(block)}.ts`), here(block.code));
    }
    // The types of tfjs ask for a browser's.
    faults = await Promise.all([compile(plain), compile(training, '--skipLibCheck')]);
    await plain.run('hearken', ['serve']);
  }, 120_000);
  afterAll(() => plain.stopServer());

  test('has no error of types, with the declarations of the package', () => {
    expect(faults).toEqual(['', '']);
  });

  test.each(BLOCKS.map((block) => [block.place, block] as const))(
    '%s runs, and prints what it says',
    async (_, block) => {
      const { run } = needsTraining(block) ? training : plain;
      const { stdout } = await run(process.execPath, [`built/${nameOf(block)}.js`]);
      expect(isShown(stdout.trimEnd().split('\n'), printedBy(block.code)), stdout).toBe(true);
    },
  );
});

/** Compiles the blocks of a project; resolves to what is wrong with them. */
async function compile({ folder, run }: GuideProject, ...options: readonly string[]): Promise<string> {
  for (const name of ['@types/node', '@types/ws', 'undici-types']) {
    await linkPackage(join(folder, 'node_modules'), name);
  }
  const files = (await readdir(join(folder, 'guides'))).map((file) => `guides/${file}`);
  const args = [...OPTIONS.split(' '), ...options, '--outDir', 'built', ...files];
  const answer = await run(join(ROOT, 'node_modules/.bin/tsc'), args).catch(
    (error: { stdout: string }) => error, // of execFile
  );
  return answer.stdout;
}
