/** tfjs-node, installed without its own download of TensorFlow and built against the one that is there. */
import { existsSync } from 'node:fs';
import { mkdir, readdir, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';

import { HearkenError } from '../../src/errors.ts';
import { runTool } from './run-tool.ts';

export const TFJS_VERSION = '4.22.0';

/** The Node-API version that the binding asks for; it names the folder where tfjs-node looks for it. */
const NAPI_VERSION = 8;

/** Installs tfjs-node into `folder/node_modules` without running its scripts, and gives its folder. */
export async function installPackage(folder: string, log: string): Promise<string> {
  await rm(path.join(folder, 'node_modules'), { recursive: true, force: true });
  await mkdir(folder, { recursive: true });
  await writeFile(path.join(folder, 'package.json'), '{ "private": true }\n');
  const options = ['--ignore-scripts', '--no-save', '--no-package-lock', '--no-audit', '--no-fund'];
  await runTool('npm', ['install', ...options, `@tensorflow/tfjs-node@${TFJS_VERSION}`], { cwd: folder, log });
  const scope = path.join(folder, 'node_modules', '@tensorflow');
  // Its own copies would be a second tfjs: without them it finds the project's, two folders up.
  const copies = (await readdir(scope)).filter((name) => name !== 'tfjs-node');
  await Promise.all(copies.map((name) => rm(path.join(scope, name), { recursive: true })));
  return path.join(scope, 'tfjs-node');
}

/** Compiles the binding of the tfjs-node in `module`, whose `deps` are in place. */
export async function buildBinding(module: string, log: string): Promise<void> {
  const target = path.join(module, 'lib', `napi-v${NAPI_VERSION}`);
  const binding = path.join(target, 'tfjs_binding.node');
  const variables = [
    `--module=${binding}`,
    '--module_name=tfjs_binding',
    `--module_path=${target}`,
    `--napi_build_version=${NAPI_VERSION}`,
  ];
  try {
    await runTool('npx', ['--yes', 'node-gyp@12', 'configure', 'build', ...variables], { cwd: module, log });
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new HearkenError('setup/build', `Expected tfjs-node's binding to build, got: ${reason}`, { cause });
  }
  if (!existsSync(binding)) throw new HearkenError('setup/build', `Expected a binding at ${binding}, got none`);
}
