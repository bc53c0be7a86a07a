/** The examples in the docblocks of what researchers import, and in the guides to attention and to seeing, print what they say. */
import { mkdir, readdir, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { format } from 'node:util';

import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';

import { blocksOf, type CodeBlock, examplesOf, isShown, printedBy } from '../package/code-blocks.ts';

const ROOT = path.resolve(import.meta.dirname, '../..');
const SCRATCH = path.join(ROOT, `.runs/docblocks-${process.pid}`);
/** What is imported as `hearken/NAME`. */
const FACES = ['text', 'attention', 'decoder', 'encoder', 'losses', 'memory', 'model', 'training'];
/** Sources with examples. */
const FOLDERS = [
  'src/text',
  'src/attention',
  'src/decoder',
  'src/encoder',
  'src/ctc',
  'src/losses',
  'src/memory',
  'src/model',
  'src/export',
  'src/training',
];

const examples: CodeBlock[] = [];
for (const folder of FOLDERS) {
  for (const file of (await readdir(path.join(ROOT, folder))).filter((name) => name.endsWith('.ts'))) {
    examples.push(...(await examplesOf(ROOT, `${folder}/${file}`)));
  }
}
for (const guide of ['docs/attention.md', 'docs/seeing.md']) {
  examples.push(...(await blocksOf(ROOT, guide)).filter(({ language }) => language === 'ts'));
}

beforeAll(() => mkdir(SCRATCH, { recursive: true }));
afterAll(() => rm(SCRATCH, { recursive: true, force: true }));

describe('examples', () => {
  test('are there', () => expect(examples.length).toBeGreaterThan(20));

  test.each(examples.map((each) => [each.place, each] as const))('%s prints what it says', async (place, { code }) => {
    const file = path.join(SCRATCH, `${place.replaceAll(/\W/gu, '-')}.ts`);
    const here = FACES.reduce(
      (text, face) => text.replaceAll(`'hearken/${face}'`, `'${ROOT}/src/${face}/index.ts'`),
      code,
    );
    await writeFile(file, here);
    const printed: string[] = [];
    const log = vi.spyOn(console, 'log').mockImplementation((...parts) => void printed.push(format(...parts)));
    try {
      await import(file);
    } finally {
      log.mockRestore();
    }
    expect(printedBy(code)).not.toContain('...');
    expect(isShown(printed.join('\n').split('\n'), printedBy(code)), printed.join('\n')).toBe(true);
  });
});
