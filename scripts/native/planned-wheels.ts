/** What `setup:native` would fetch from PyPI, and how large it is, without fetching it. */
import { readFile } from 'node:fs/promises';
import path from 'node:path';

import { HearkenError } from '../../src/errors.ts';
import { runTool } from './run-tool.ts';
import { distributionOf, TENSORFLOW_VERSION, WHEEL_TARGET, type WheelOptions } from './wheel.ts';

export type PlannedWheel = {
  readonly name: string;
  readonly version: string;
  /** Size of the wheel, as its server tells it. */ readonly bytes: number;
};

/** A package in the report of `pip install --report`, as far as it is read here. */
type Resolved = {
  readonly download_info: { readonly url: string };
  readonly metadata: { readonly name: string; readonly version: string; readonly requires_dist?: readonly string[] };
};

/**
 * The wheels of TensorFlow, with `cuda` those of its CUDA libraries too; each is there, or `setup/download` is thrown. Nothing is fetched
 * but a new pip, into `folder`, and what describes the packages.
 */
export async function plannedWheels({ cuda, folder, log }: WheelOptions): Promise<PlannedWheel[]> {
  const environment = path.join(folder, 'planning');
  const python = path.join(environment, 'bin', 'python');
  await runTool('python3', ['-m', 'venv', environment], { log });
  // Older than 23.3 it would fetch whole wheels to tell what it would fetch.
  await runTool(python, ['-m', 'pip', 'install', '--upgrade', 'pip>=23.3'], { log });

  const resolve = async (requirements: readonly string[]): Promise<Resolved[]> => {
    const report = path.join(folder, 'report.json');
    const target = ['--target', path.join(folder, 'none'), '--no-deps', '--only-binary=:all:', ...WHEEL_TARGET];
    const dry = ['--dry-run', '--ignore-installed', '--report', report];
    await runTool(python, ['-m', 'pip', 'install', ...dry, ...target, ...requirements], { log });
    return (JSON.parse(await readFile(report, 'utf8')) as { readonly install: Resolved[] }).install; // as pip writes it
  };
  const tensorflow = await resolve([`${distributionOf(cuda)}==${TENSORFLOW_VERSION}`]);
  const libraries = cuda ? await resolve(tensorflow.flatMap(({ metadata }) => cudaRequirements(metadata))) : [];
  return Promise.all([...tensorflow, ...libraries].map(sized));
}

/** What TensorFlow asks for on a card, for example `nvidia-cudnn-cu12==9.3.0.75`. */
function cudaRequirements({ requires_dist: requirements = [] }: Resolved['metadata']): string[] {
  return requirements
    .filter((each) => each.startsWith('nvidia-') && each.includes('and-cuda'))
    .map((each) => each.replace(/;.*/, '').replaceAll(' ', ''));
}

async function sized({ download_info: { url }, metadata: { name, version } }: Resolved): Promise<PlannedWheel> {
  const { ok, status, headers } = await fetch(url, { method: 'HEAD' });
  if (!ok) throw new HearkenError('setup/download', `Expected a wheel of ${name} ${version}, got ${status} for ${url}`);
  return { name, version, bytes: Number(headers.get('content-length')) };
}
