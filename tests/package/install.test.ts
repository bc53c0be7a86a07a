import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import semver from 'semver';
import { describe, expect, test } from 'vitest';

import { consumerPackages } from './consumer-packages.ts';
import { npm, ROOT } from './packed.ts';

type Locked = { version?: string; resolved?: string; hasInstallScript?: boolean; engines?: { node?: string } };

type Manifest = {
  engines: { node: string };
  allowScripts: Record<string, boolean>;
  devDependencies: Record<string, string>;
  optionalDependencies: Record<string, string>;
  peerDependencies: Record<string, string>;
  peerDependenciesMeta: Record<string, { optional: boolean }>;
};

const lock = JSON.parse(readFileSync(join(ROOT, 'package-lock.json'), 'utf8')) as { packages: Record<string, Locked> }; // npm's
const manifest = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8')) as Manifest; // ours
const locked = Object.entries(lock.packages).filter(([location]) => location !== '');

describe('an installation', () => {
  test('is asked for nothing that npm does not know', async () => {
    const { stderr } = await npm(['config', 'list'], ROOT);
    expect(stderr).not.toContain('Unknown project config');
  });

  // Where fastify's own choice of light-my-request is taken, cookie 2 comes with it, which wants Node 22.
  test('on the oldest Node that the package takes has no package that wants a newer one', () => {
    const oldest = semver.minVersion(manifest.engines.node)?.version ?? '';
    const unfit = locked.filter(([, { engines }]) => !semver.satisfies(oldest, engines?.node ?? '*'));
    expect(unfit.map(([location]) => location)).toEqual([]);
  });

  test('runs no script of a package that is denied it, whichever npm installs', () => {
    const nameOf = (location: string): string => location.split('node_modules/').at(-1) ?? '';
    const running = locked.filter(([, { hasInstallScript }]) => hasInstallScript).map(([location]) => nameOf(location));
    expect(running.filter((name) => manifest.allowScripts[name] !== true)).toEqual([]);
    expect(manifest.allowScripts['onnxruntime-node']).toBe(false);
  });

  test('names no registry in the lock file', () => {
    expect(locked.filter(([, { resolved }]) => resolved !== undefined)).toEqual([]);
  });

  test('for recognition alone brings the recogniser and no package of training', () => {
    const names = consumerPackages().map((location) => location.slice('node_modules/'.length));
    expect(names).toContain('onnxruntime-node');
    expect(names.filter((name) => /tensorflow|tfjs|onnx-proto|protobuf|tsx|esbuild|core-js/.test(name))).toEqual([]);
  });

  test('of a clone has all of training, and native TensorFlow for GPUs where it can be had', () => {
    const { devDependencies, optionalDependencies, peerDependencies, peerDependenciesMeta } = manifest;
    const optional = Object.keys(peerDependenciesMeta);
    expect(Object.keys(peerDependencies)).toEqual(optional);
    for (const name of optional) expect(devDependencies[name]).toBe(peerDependencies[name]);
    expect(optionalDependencies).toHaveProperty('@tensorflow/tfjs-node-gpu');
  });
});
