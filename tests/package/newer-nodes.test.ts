/** The packed package on the Nodes that came after the oldest one it takes, where they are installed in `.data/`. */
import { execFile } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { beforeAll, describe, expect, inject, test } from 'vitest';

import { consumerOf, ROOT } from './packed.ts';

const run = promisify(execFile);
const SAMPLE = 'node_modules/hearken/samples/pin.wav';
const SAID = readFileSync(join(ROOT, 'samples/pin.txt'), 'utf8').trim();

const NODES = [22, 24].map((version) => {
  const binary = join(ROOT, `.data/node-${version}/node_modules/node/bin/node`);
  const install = `npm install --prefix .data/node-${version} node@${version}`;
  return { version, binary, note: existsSync(binary) ? '' : ` (skipped: no \`${install}\`)` };
});

describe.each(NODES)('the package on Node $version$note', ({ version, binary, note }) => {
  let consumer: string;
  beforeAll(async () => {
    if (note === '') consumer = await consumerOf(inject('packed'));
  });

  test.skipIf(note !== '')('transcribes from the command line', async () => {
    const args = ['node_modules/hearken/dist/cli/main.js', 'transcribe', '--json', SAMPLE];
    const { stdout } = await run(binary, args, { cwd: consumer });
    expect(stdout).toContain(SAID);
  });

  test.skipIf(note !== '')('transcribes in a program, which could embed the server, without a warning', async () => {
    const program = `
      import { loadModel } from 'hearken';
      import * as server from 'hearken/server';
      await using model = await loadModel('codes-en');
      const { text } = await model.transcribe('${SAMPLE}');
      console.log(JSON.stringify({ node: process.versions.node, text, canServe: 'serve' in server }));
    `;
    await writeFile(join(consumer, 'program.mjs'), version < 24 ? program.replace('await using', 'const') : program);
    const { stdout, stderr } = await run(binary, ['program.mjs'], { cwd: consumer });
    expect(stderr).toBe('');
    const said = JSON.parse(stdout) as { node: string; text: string; canServe: boolean }; // as the program prints it
    expect(said).toEqual({ node: expect.stringMatching(`^${version}\\.`), text: SAID, canServe: true });
  });
});
