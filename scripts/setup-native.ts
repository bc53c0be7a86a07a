/**
 * `npm run setup:native [-- --cuda]`: native TensorFlow for tfjs, in the ignored folder `.native`. Training uses it
 * before any other backend. Does nothing but check where it is built already. With `--dry-run` it says what it would fetch, and how large that is.
 */
import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { parseArgs } from 'node:util';

import { HearkenError } from '../src/errors.ts';
import { measureMatMul } from '../src/backend/speed.ts';
import { loadBackendFrom } from '../src/backend/backends.ts';
import { packageRoot } from '../src/package-root.ts';
import { buildBinding, installPackage, TFJS_VERSION } from './native/binding.ts';
import { plannedWheels } from './native/planned-wheels.ts';
import { runTool } from './native/run-tool.ts';
import { installTensorFlow, TENSORFLOW_VERSION } from './native/wheel.ts';

const NATIVE_FOLDER = path.join(packageRoot(), '.native');
const MODULES = path.join(NATIVE_FOLDER, 'node_modules');
/** Says what is built, so that another kind is built anew. */
const STAMP = path.join(NATIVE_FOLDER, 'built.json');

async function setUp(cuda: boolean): Promise<void> {
  const wanted = JSON.stringify({ tensorflow: TENSORFLOW_VERSION, tfjs: TFJS_VERSION, cuda });
  const built = existsSync(STAMP) && existsSync(MODULES) ? await readFile(STAMP, 'utf8') : '';
  if (built.trim() === wanted) {
    say(`already built in ${NATIVE_FOLDER}`);
  } else {
    await build(cuda);
    await writeFile(STAMP, `${wanted}\n`);
  }
  await check();
}

/** Says what `setUp` would fetch. */
async function plan(cuda: boolean): Promise<void> {
  assertPlatform();
  const folder = await mkdtemp(path.join(tmpdir(), 'hearken-setup-'));
  try {
    const wheels = await plannedWheels({ cuda, folder, log: path.join(folder, 'setup.log') });
    for (const { name, version, bytes } of wheels) say(`${megabytes(bytes)}  ${name} ${version}`);
    say(`${megabytes(wheels.reduce((sum, { bytes }) => sum + bytes, 0))}  in all, and tfjs-node ${TFJS_VERSION}`);
  } finally {
    await rm(folder, { recursive: true });
  }
}

function megabytes(bytes: number): string {
  return `${(bytes / 1e6).toFixed(0).padStart(6)} MB`;
}

function assertPlatform(): void {
  if (process.platform === 'linux' && process.arch === 'x64') return;
  throw new HearkenError('setup/platform', `Expected linux x64, got ${process.platform} ${process.arch}`);
}

async function build(cuda: boolean): Promise<void> {
  assertPlatform();
  const downloads = path.join(NATIVE_FOLDER, 'downloads');
  const staging = path.join(NATIVE_FOLDER, 'staging');
  const log = path.join(NATIVE_FOLDER, 'setup.log');
  await mkdir(downloads, { recursive: true });
  await writeFile(log, '');
  for (const tool of ['npm', 'python3', 'make', 'g++']) await runTool(tool, ['--version'], { log });
  say(`1/4 tfjs-node ${TFJS_VERSION}, without its scripts`);
  const module = await installPackage(staging, log);
  say(`2/4 TensorFlow ${TENSORFLOW_VERSION} ${cuda ? 'with CUDA 12 (2.4 GB)' : 'for CPUs (230 MB)'}`);
  await installTensorFlow(path.join(module, 'deps'), { cuda, folder: downloads, log });
  say('3/4 binding');
  await buildBinding(module, log);
  // Only now does what was there before go.
  await rm(STAMP, { force: true });
  await rm(MODULES, { recursive: true, force: true });
  await rename(path.join(staging, 'node_modules'), MODULES);
  await rm(staging, { recursive: true });
  await rm(downloads, { recursive: true });
}

async function check(): Promise<void> {
  say('4/4 self-check');
  try {
    await loadBackendFrom('native');
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new HearkenError('setup/self-check', `Expected native TensorFlow to compute, got: ${reason}`, { cause });
  }
  const { gigaflops, size } = await measureMatMul();
  say(`native TensorFlow works: matMul ${size} x ${size} at ${gigaflops.toFixed(0)} GFLOP/s`);
}

function say(line: string): void {
  process.stderr.write(`setup:native: ${line}\n`);
}

const { values } = parseArgs({
  options: { cuda: { type: 'boolean', default: false }, 'dry-run': { type: 'boolean', default: false } },
});
try {
  await (values['dry-run'] ? plan(values.cuda) : setUp(values.cuda));
} catch (error) {
  if (!(error instanceof HearkenError)) throw error;
  say(`failed (${error.code}): ${error.message}`);
  process.exitCode = 1;
}
