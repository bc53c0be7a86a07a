/** A project in which the guides can be followed: the package installed, recordings and manifests of its own, a microphone that is a file. */
import { execFile } from 'node:child_process';
import { once } from 'node:events';
import { cp, mkdir, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { type AddressInfo, createServer } from 'node:net';
import { join } from 'node:path';
import { promisify } from 'node:util';

import { encodeSafetensors } from '../../src/tensor/safetensors.ts';
import { Random } from '../../src/tensor/random.ts';
import { tokenModel } from '../../src/model/config-migration.ts';
import { initModel } from '../../src/model/forward.ts';
import { EXAMPLE_CONFIG } from '../model/example-config.ts';
import { consumerOf, linkPackage, type Packed, ROOT } from './packed.ts';

export type GuideProject = {
  readonly folder: string;
  /** Code of a guide with what stands for this project: free ports, and places of the file system that are its own. */
  readonly here: (code: string) => string;
  /** Runs a program where guides are followed. Rejects, with what was printed, where it fails. */
  readonly run: (program: string, args: readonly string[]) => Promise<{ stdout: string; stderr: string }>;
  /** Ends the server that a guide has started last, if one has. */ readonly stopServer: () => Promise<void>;
};

const runFile = promisify(execFile);

/** Recordings that guides speak of as the reader's own. */
const RECORDINGS = ['other-call', 'pin', 'choice', 'spelling', 'talk', 'recording', 'X.wav'];

/** `serve` returns once it listens, on free ports of this machine alone, and replaces the server before. */
const HEARKEN = `#!/usr/bin/env node
import { spawn } from 'node:child_process';
import { existsSync, openSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createInterface } from 'node:readline';
const args = process.argv.slice(2);
const main = 'node_modules/.bin/hearken';
if (args[0] !== 'serve' || args.includes('--check') || args.includes('--help')) {
  const child = spawn(main, args, { stdio: 'inherit' });
  child.once('exit', (code) => process.exit(code ?? 1));
} else {
  if (existsSync('server.pid')) process.kill(Number(readFileSync('server.pid')), 'SIGKILL');
  rmSync('server.pid', { force: true });
  const own = ['--host', '127.0.0.1', '--port', process.env.PORT, '--vosk-port', process.env.VOSK_PORT];
  // With the standard error of this process it would be waited for.
  const server = spawn(main, [...args, ...own], { detached: true, stdio: ['ignore', 'pipe', openSync('server.log', 'w')] });
  server.once('exit', (code) => {
    process.stderr.write(readFileSync('server.log'));
    process.exit(code ?? 1);
  });
  writeFileSync('server.pid', String(server.pid));
  for await (const line of createInterface({ input: server.stdout })) if (line.includes('"listening"')) process.exit(0);
}
`;
const NPX = '#!/bin/sh\n[ "$1" = hearken ] || exec env PATH="$REAL_PATH" npx "$@"\nshift\nexec hearken "$@"\n';
const ARECORD = '#!/bin/sh\nexec tail -c +45 node_modules/hearken/samples/phone-number.wav\n';

/** With `withTraining`, a reader who has installed the packages of training, and has trained a token model. */
export async function createGuideProject(
  packed: Packed,
  { withTraining = false }: { readonly withTraining?: boolean } = {},
): Promise<GuideProject> {
  const folder = await consumerOf(packed);
  const [port, voskPort] = [await freePort(), await freePort()];
  await writePrograms(join(folder, 'bin'));
  await writeRecordings(folder);
  if (withTraining) await addTraining(folder);
  const path = process.env['PATH'] ?? '';
  const env = {
    ...process.env,
    PATH: `${folder}/bin:${folder}/node_modules/.bin:${path}`,
    REAL_PATH: path,
    PORT: String(port),
    VOSK_PORT: String(voskPort),
  };
  return {
    folder,
    here: (code) =>
      code
        .replaceAll('8080', String(port))
        .replaceAll('2700', String(voskPort))
        .replaceAll('https://example.org/', `file://${folder}/`)
        .replaceAll(/(?<= |=)\/(var|srv)\//g, `${folder}/$1/`),
    run: (program, args) => runFile(program, args, { cwd: folder, env, encoding: 'utf8', timeout: 100_000 }),
    stopServer: async () => {
      const pid = await readFile(join(folder, 'server.pid'), 'utf8').catch(() => undefined);
      if (pid !== undefined) process.kill(Number(pid), 'SIGKILL');
      await rm(join(folder, 'server.pid'), { force: true });
    },
  };
}

async function writePrograms(bin: string): Promise<void> {
  await mkdir(bin);
  for (const [name, text] of Object.entries({ hearken: HEARKEN, npx: NPX, arecord: ARECORD })) {
    await writeFile(join(bin, name), text, { mode: 0o755 });
  }
}

async function writeRecordings(folder: string): Promise<void> {
  const installed = join(folder, 'node_modules/hearken');
  await cp(join(installed, 'samples'), join(folder, 'samples'), { recursive: true });
  await cp(join(installed, 'samples/two-numbers.wav'), join(folder, 'call.wav')); // of two channels
  for (const name of RECORDINGS) {
    await cp(join(installed, 'samples/pin.wav'), join(folder, name === 'X.wav' ? 'X' : `${name}.wav`));
  }
  await cp(join(installed, 'docs/examples/hearken.yaml'), join(folder, 'hearken.yaml'));
  const said = (await readFile(join(installed, 'samples/pin.txt'), 'utf8')).trim();
  const line = JSON.stringify({ audio_filepath: 'pin.wav', duration: 4.14, text: said });
  await writeFile(join(folder, 'test.jsonl'), `${line}\n`);
  await writeFile(join(folder, 'tokens.txt'), '1 2 3 4 5\n');
  for (const place of ['runs/my-words', 'srv/models/mine']) {
    await mkdir(join(folder, place, '..'), { recursive: true });
    await symlink(join(installed, 'models/codes-en'), join(folder, place));
  }
  await mkdir(join(folder, 'var/lib'), { recursive: true });
  await mkdir(join(folder, '.runs'));
}

/** An untrained model of tokens: any answer is as good. */
async function addTraining(folder: string): Promise<void> {
  const { peerDependencies } = JSON.parse(await readFile(join(ROOT, 'package.json'), 'utf8')) as {
    peerDependencies: Record<string, string>; // ours
  };
  for (const name of Object.keys(peerDependencies)) await linkPackage(join(folder, 'node_modules'), name);
  const config = { memory: EXAMPLE_CONFIG.memory, labelCount: 64, alphabetSize: 66 };
  const model = join(folder, '.runs/salient-recall');
  await mkdir(model);
  await writeFile(join(model, 'config.json'), JSON.stringify(config));
  await writeFile(join(model, 'model.safetensors'), encodeSafetensors(initModel(tokenModel(config), Random.seeded(1))));
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo; // it listens on TCP
  server.close();
  await once(server, 'close');
  return port;
}
