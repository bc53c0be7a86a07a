import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { promisify } from 'node:util';
import { beforeAll, describe, expect, inject, test } from 'vitest';

import { loadBackend } from '../../src/backend/backends.ts';
import { exportModel } from '../../src/export/export-model.ts';
import { writeTokenModel } from '../server/native/token-model.ts';
import { consumerOf, linkPackage, ROOT } from './packed.ts';

const runFile = promisify(execFile);

const PIN = 'node_modules/hearken/samples/pin.wav';
const SAID = readFileSync(join(ROOT, 'samples/pin.txt'), 'utf8').trim();

type Answer = { readonly code: number; readonly stdout: string; readonly stderr: string };

describe('a project that installed the package for recognition alone', () => {
  let consumer: string;
  beforeAll(async () => {
    consumer = await consumerOf(inject('packed'));
  });

  const node = (...args: string[]): Promise<Answer> =>
    runFile(process.execPath, args, { cwd: consumer, encoding: 'utf8' }).then(
      (printed) => ({ code: 0, ...printed }),
      (error: Answer) => error, // of execFile: the exit code and what was printed
    );
  const hearken = (...args: string[]): Promise<Answer> => node('node_modules/hearken/dist/cli/main.js', ...args);
  const program = async (code: string): Promise<Answer> => {
    await writeFile(join(consumer, 'program.mjs'), code);
    return node('program.mjs');
  };

  test('has no tfjs to import', async () => {
    expect((await program("await import('@tensorflow/tfjs-core');")).stderr).toContain('ERR_MODULE_NOT_FOUND');
  });

  test('transcribes, streams and evaluates, from the command line and from the library', async () => {
    expect((await hearken('transcribe', '--json', PIN)).stdout).toContain(SAID);
    const manifest = { audio_filepath: join(consumer, PIN), duration: 3, text: SAID };
    await writeFile(join(consumer, 'manifest.jsonl'), `${JSON.stringify(manifest)}\n`);
    expect(await hearken('eval', 'codes-en', '--manifest', 'manifest.jsonl', '--json')).toMatchObject({ code: 0 });
    const { stdout } = await program(`
      import { loadModel } from 'hearken';
      const model = await loadModel('codes-en');
      console.log((await model.transcribe('${PIN}')).text);
    `);
    expect(stdout.trim()).toBe(SAID);
  });

  test('serves live streams and listens to a server', async () => {
    const args = ['node_modules/hearken/dist/cli/main.js', 'serve', '--port', '0', '--vosk-port', '0'];
    const server = spawn(process.execPath, [...args, '--sessions', join(consumer, 'sessions')], {
      cwd: consumer,
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    try {
      const port = await new Promise<number>((resolve, reject) => {
        server.once('exit', (code) => reject(new Error(`Expected the server to listen, got exit code ${code}`)));
        createInterface({ input: server.stdout }).on('line', (line) => {
          const entry = JSON.parse(line) as { msg: string; port: number }; // pino's
          if (entry.msg === 'listening') resolve(entry.port);
        });
      });
      const { stdout } = await hearken('listen', PIN, '--url', `ws://127.0.0.1:${port}/v1/stream`, '--json');
      const finals = stdout.split('\n').filter((line) => line.includes('"final"'));
      const heard = finals.map((line) => (JSON.parse(line) as { text: string }).text); // as the protocol says
      expect(heard.join(' ')).toBe(SAID);
    } finally {
      server.kill('SIGKILL');
      await once(server, 'exit');
    }
  });

  test('sees what a model is made of, and which devices there are', async () => {
    const inspected = JSON.parse((await hearken('inspect', 'codes-en', '--json')).stdout) as { isChecked: boolean }; // our JSON
    expect(inspected.isChecked).toBe(false);
    const { code, stdout } = await hearken('devices', '--json');
    expect(code).toBe(0);
    const devices = JSON.parse(stdout) as { name: string; problem?: string }[]; // our JSON
    expect(devices.find(({ name }) => name === 'onnx-cpu')?.problem).toBeUndefined();
    expect(devices.find(({ name }) => name === 'wasm')?.problem).toContain('npm install @tensorflow/tfjs@');
  });

  test('is told what to install where training, exporting, a token model or tfjs is asked for', async () => {
    await writeFile(join(consumer, 'recipe.ts'), "import { defineRecipe } from 'hearken/training';\n");
    for (const args of [
      ['train', 'recipe.ts'],
      ['export', 'codes-en'],
    ]) {
      const { code, stderr } = await hearken(...args);
      expect(code).toBe(1);
      expect(stderr).toMatch(/^hearken: Expected the optional packages .*`npm install @tensorflow\/tfjs@.* tsx@.*\n$/);
      expect(stderr).toContain('(training/not-installed)');
    }
    for (const call of ["loadModel('codes-en', { device: 'tfjs' })", "loadTokenModel('tokens')"]) {
      const { stdout } = await program(`
        import { loadModel, loadTokenModel } from 'hearken';
        await ${call}.catch(({ name, code, message }) => console.log(name, code, message));
      `);
      expect(stdout).toMatch(/^HearkenError training\/not-installed .*`npm install @tensorflow\/tfjs@/);
    }
  });

  test('runs an exported token model, in a program and from the command line', async () => {
    const model = join(consumer, 'tokens-exported');
    await loadBackend('cpu');
    await writeTokenModel(model, 3);
    await exportModel(model);
    const { stdout } = await program(`
      import { loadTokenModel } from 'hearken';
      const model = await loadTokenModel('tokens-exported');
      const stream = model.open();
      await stream.push(Int32Array.of(1, 2, 3));
      for (const { labels } of await stream.flush()) console.log(JSON.stringify(labels));
      await model.dispose();
    `);
    const labels = JSON.parse(stdout) as number[]; // as printed there
    expect(labels).toHaveLength(3);
    await writeFile(join(consumer, 'tokens.jsonl'), '1\n2\n3\n');
    const command = 'node_modules/.bin/hearken stream --model tokens-exported < tokens.jsonl';
    const answers = (await runFile('sh', ['-c', command], { cwd: consumer, encoding: 'utf8' })).stdout
      .trim()
      .split('\n');
    expect(answers.map((line) => (JSON.parse(line) as { label: number }).label)).toEqual(labels);
  });

  test('has types that are whole', async () => {
    for (const name of ['@types/node', 'undici-types']) await linkPackage(join(consumer, 'node_modules'), name);
    const lines = ['hearken', 'hearken/client', 'hearken/streams', 'hearken/server'].map(
      (entry) => `export * from '${entry}';`,
    );
    await writeFile(join(consumer, 'entries.ts'), `${lines.join('\n')}\n`);
    const lib = 'es2023,esnext.disposable,dom,dom.asynciterable';
    const options = ['--strict', '--module', 'nodenext', '--target', 'es2023', '--lib', lib, '--types', 'node'];
    expect(await node(join(ROOT, 'node_modules/.bin/tsc'), '--noEmit', ...options, 'entries.ts')).toMatchObject({
      code: 0,
      stdout: '',
    });
  });

  test('gives recipes what they import once the packages of training are there', async () => {
    const { peerDependencies } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8')) as {
      peerDependencies: Record<string, string>; // ours
    };
    for (const name of Object.keys(peerDependencies)) await linkPackage(join(consumer, 'node_modules'), name);
    const { stdout } = await program(
      "import { salientRecall } from 'hearken/training'; console.log(typeof salientRecall);",
    );
    expect(stdout.trim()).toBe('function');
    const devices = JSON.parse((await hearken('devices', '--json')).stdout) as { name: string; problem?: string }[]; // our JSON
    expect(devices.find(({ name }) => name === 'wasm')?.problem).toBeUndefined();
  });
});
