/** The package as `npm pack` makes it, built from these sources, and projects that have it installed. */
import { execFile } from 'node:child_process';
import { chmod, cp, mkdir, mkdtemp, readFile, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

import { build } from 'vite';

import { consumerManifest } from '../../scripts/consumer-manifest.ts';
import { consumerPackages } from './consumer-packages.ts';

export const ROOT: string = fileURLToPath(new URL('../../', import.meta.url));

const runFile = promisify(execFile);

export type Packed = {
  /** Folder to remove when nobody needs the package any more. */ readonly folder: string;
  readonly tarball: string;
  /** Paths of the packed files, as in `docs/attention.png`. */ readonly files: readonly string[];
};

/** Builds and packs. */
export async function pack(): Promise<Packed> {
  const folder = await mkdtemp(join(tmpdir(), 'hearken-packed-'));
  const staging = join(folder, 'staging');
  await stage(staging);
  const { stdout } = await npm(['pack', '--json', '--ignore-scripts', '--pack-destination', folder], staging);
  const [tarball] = JSON.parse(stdout) as [{ filename: string; files: { path: string }[] }]; // npm's answer to `pack --json`
  return { folder, tarball: join(folder, tarball.filename), files: tarball.files.map(({ path }) => path) };
}

/**
 * A fresh project of ES modules whose `node_modules` hold the package and what npm installs with it, nothing of training; dependencies
 * are those of this checkout. It goes with the package's folder.
 */
export async function consumerOf({ folder, tarball }: Packed): Promise<string> {
  const consumer = await mkdtemp(join(folder, 'consumer-'));
  const installed = join(consumer, 'node_modules', 'hearken');
  await mkdir(installed, { recursive: true });
  await runFile('tar', ['-xzf', tarball, '--strip-components=1'], { cwd: installed });
  await chmod(join(installed, 'dist/cli/main.js'), 0o755); // the build script of `package.json` does the same
  await linkDependencies(join(consumer, 'node_modules'));
  await writeFile(join(consumer, 'package.json'), '{ "type": "module", "private": true }\n');
  return consumer;
}

/** Runs npm of this machine. */
export function npm(args: readonly string[], cwd: string): Promise<{ stdout: string; stderr: string }> {
  return runFile('npm', args, { cwd, encoding: 'utf8', maxBuffer: 64 * 1024 * 1024 });
}

/** What `npm run build` makes and what else `files` of `package.json` names, beside no build of the checkout itself. */
async function stage(folder: string): Promise<void> {
  const { files } = JSON.parse(await readFile(join(ROOT, 'package.json'), 'utf8')) as { files: string[] }; // ours
  const copied = files.filter((file) => file !== 'dist' && !file.startsWith('!'));
  await mkdir(folder, { recursive: true });
  // The scripts of npm that lay it there are not run.
  await writeFile(join(folder, 'package.json'), consumerManifest(await readFile(join(ROOT, 'package.json'), 'utf8')));
  for (const file of [...copied, 'README.md', 'LICENSE']) {
    await mkdir(dirname(join(folder, file)), { recursive: true });
    await cp(join(ROOT, file), join(folder, file), { recursive: true });
  }
  const dist = join(folder, 'dist');
  await runFile(join(ROOT, 'node_modules', '.bin', 'tsc'), ['-p', 'tsconfig.build.json', '--outDir', dist], {
    cwd: ROOT,
  });
  await build({
    configFile: join(ROOT, 'console', 'vite.config.ts'),
    logLevel: 'error',
    build: { outDir: join(dist, 'console') },
  });
}

/** Links what npm would install for the package, and nothing else of this checkout. */
async function linkDependencies(modules: string): Promise<void> {
  await mkdir(join(modules, '.bin'));
  await symlink('../hearken/dist/cli/main.js', join(modules, '.bin', 'hearken'));
  for (const location of consumerPackages()) {
    const name = location.slice('node_modules/'.length);
    if (!name.includes('/node_modules/')) await linkPackage(modules, name);
  }
}

/** As `npm install NAME` would, with the version of this checkout. */
export async function linkPackage(modules: string, name: string): Promise<void> {
  await mkdir(dirname(join(modules, name)), { recursive: true });
  await symlink(join(ROOT, 'node_modules', name), join(modules, name));
}
