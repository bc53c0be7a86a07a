import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { promisify } from 'node:util';

import { describe, expect, test } from 'vitest';

import { packageFile } from '../../src/package-root.ts';
import { gpuNote, hasSoftwareGpu } from './software-gpu.ts';

type Row = {
  readonly encoder: string;
  readonly onGpu: number;
  readonly fallBack: string;
  readonly copies: number;
  readonly worst: number;
};

describe.skipIf(!hasSoftwareGpu)(`encoders on a GPU${gpuNote}`, () => {
  test('compute what they compute on the processor, and fall back as the guide says', async () => {
    const { stdout } = await promisify(execFile)(process.execPath, [
      '--import',
      'tsx',
      'bench/main.ts',
      'gpu-encoders',
      '--json',
    ]);
    const { rows } = JSON.parse(stdout) as { readonly rows: readonly Row[] }; // as it prints
    for (const { encoder, worst } of rows) expect(worst, encoder).toBeLessThan(1e-3);
    const measured = rows.map(({ encoder, onGpu, fallBack, copies }) => [encoder, `${onGpu}`, fallBack, `${copies}`]);
    expect(measured).toEqual(await tableOfGuide());
  });
});

/** The cells of the guide's table of encoders, without what it says of a kind in brackets. */
async function tableOfGuide(): Promise<string[][]> {
  const guide = await readFile(packageFile('docs/guides/devices.md'), 'utf8');
  const [, table = ''] = /^\| encoder \|.*\n\|-.*\n((?:\|.*\n)+)/m.exec(guide) ?? [];
  return table
    .trim()
    .split('\n')
    .map((line) =>
      line
        .split('|')
        .slice(1, -1)
        .map((cell) => cell.replace(/\(.*\)/, '').trim()),
    );
}
