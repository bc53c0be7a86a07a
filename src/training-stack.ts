/**
 * The packages that training, exporting and the device `tfjs` need and running exported models does not: optional peers of this one,
 * so that whoever only recognises installs none of them.
 */
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';

import { HearkenError } from './errors.ts';
import { packageRoot } from './package-root.ts';

const { resolve } = createRequire(import.meta.url);

const PACKAGES = [
  '@tensorflow/tfjs',
  '@tensorflow/tfjs-core',
  '@tensorflow/tfjs-backend-cpu',
  '@tensorflow/tfjs-backend-wasm',
  'onnx-proto',
  'tsx',
] as const;

/** Throws `training/not-installed`, with the command that installs what is missing, unless all of it can be imported. */
export function assertTrainingStack(): void {
  const missing = missingTrainingPackages();
  if (missing.length === 0) return;
  const versions = peerVersions();
  const wanted = missing.map((name) => `${name}@${versions[name]?.replace(/^[~^]/, '')}`).join(' ');
  throw new HearkenError(
    'training/not-installed',
    `Expected the optional packages of training and tfjs, got no ${missing.join(', ')}: \`npm install ${wanted}\` installs them`,
  );
}

/** The optional packages of training that are not installed. */
export function missingTrainingPackages(): string[] {
  return PACKAGES.filter((name) => {
    try {
      resolve(name);
      return false;
    } catch {
      return true;
    }
  });
}

function peerVersions(): Record<string, string> {
  const text = readFileSync(path.join(packageRoot(), 'package.json'), 'utf8');
  return (JSON.parse(text) as { peerDependencies: Record<string, string> }).peerDependencies; // ours
}
