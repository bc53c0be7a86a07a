/** TensorFlow's C library and headers, out of the wheel that PyPI has of it. */
import { cp, mkdir, readdir, rename, rm, symlink } from 'node:fs/promises';
import path from 'node:path';

import { HearkenError } from '../../src/errors.ts';
import { runTool } from './run-tool.ts';

export const TENSORFLOW_VERSION = '2.18.1';

/** A wheel's contents do not depend on the Python that fetches it: any of those that TensorFlow builds for. */
export const WHEEL_TARGET: readonly string[] = [
  '--python-version',
  '3.11',
  '--implementation',
  'cp',
  '--abi',
  'cp311',
  '--platform',
  'manylinux2014_x86_64',
];

/** Members of the wheel that the binding is built against and linked with. */
const MEMBERS = String.raw`tensorflow/(libtensorflow_cc\.so\.2|libtensorflow_framework\.so\.2|include/(tensorflow|tsl|xla)/.*\.(h|inc|def))$`;

const UNPACK = `
import re, sys, zipfile
wheel, target, pattern = sys.argv[1:]
with zipfile.ZipFile(wheel) as archive:
    for name in archive.namelist():
        if re.match(pattern, name):
            archive.extract(name, target)
`;

const REQUIREMENTS = `
import sys, zipfile
with zipfile.ZipFile(sys.argv[1]) as archive:
    metadata = next(name for name in archive.namelist() if name.endswith('.dist-info/METADATA'))
    for line in archive.read(metadata).decode().splitlines():
        if line.startswith('Requires-Dist: nvidia-') and 'and-cuda' in line:
            print(line.removeprefix('Requires-Dist: ').split(';')[0].replace(' ', ''))
`;

export type WheelOptions = {
  readonly cuda: boolean;
  /** Folder that is kept between runs, for the download. */ readonly folder: string;
  readonly log: string;
};

/**
 * Puts libraries into `dependencies/lib` and headers into `dependencies/include`, as tfjs-node's build wants them; with
 * `cuda` the CUDA libraries too, where TensorFlow looks for them beside itself.
 */
export async function installTensorFlow(dependencies: string, options: WheelOptions): Promise<void> {
  const { cuda, folder, log } = options;
  const python = await findPython(options);
  const wheel = await downloadWheel(python, options);
  const unpacked = path.join(folder, 'unpacked');
  await rm(unpacked, { recursive: true, force: true });
  await runTool(python, ['-c', UNPACK, wheel, unpacked, MEMBERS], { log });
  const libraries = path.join(dependencies, 'lib');
  await rm(dependencies, { recursive: true, force: true });
  await mkdir(libraries, { recursive: true });
  await cp(path.join(unpacked, 'tensorflow', 'include'), path.join(dependencies, 'include'), { recursive: true });
  for (const [name, links] of [
    ['libtensorflow_cc.so.2', ['libtensorflow.so', 'libtensorflow.so.2']],
    ['libtensorflow_framework.so.2', ['libtensorflow_framework.so']],
  ] as const) {
    await rename(path.join(unpacked, 'tensorflow', name), path.join(libraries, name));
    for (const link of links) await symlink(name, path.join(libraries, link));
  }
  await rm(unpacked, { recursive: true });
  if (cuda) {
    const requirements = (await runTool(python, ['-c', REQUIREMENTS, wheel], { log })).trim().split('\n');
    const target = ['--target', dependencies, '--no-deps', '--upgrade', '--only-binary=:all:', ...WHEEL_TARGET];
    await runTool(python, ['-m', 'pip', 'install', ...target, ...requirements], { log, visible: true });
  }
}

/** A Python with pip: the system's, else one of our own made by `venv`. */
async function findPython({ folder, log }: WheelOptions): Promise<string> {
  try {
    await runTool('python3', ['-m', 'pip', '--version'], { log });
    return 'python3';
  } catch (error) {
    if (error instanceof HearkenError && error.code === 'setup/missing-tool') throw error;
    const environment = path.join(folder, 'python');
    await runTool('python3', ['-m', 'venv', environment], { log }).catch((cause: unknown) => {
      throw new HearkenError('setup/missing-tool', 'Expected Python with `pip` or `venv`, got neither', { cause });
    });
    return path.join(environment, 'bin', 'python');
  }
}

/** The name of TensorFlow's wheel. */
export function distributionOf(cuda: boolean): string {
  return cuda ? 'tensorflow' : 'tensorflow-cpu';
}

async function downloadWheel(python: string, { cuda, folder, log }: WheelOptions): Promise<string> {
  const distribution = distributionOf(cuda);
  const prefix = `${distribution.replace('-', '_')}-${TENSORFLOW_VERSION}-`;
  const find = async (): Promise<string | undefined> => {
    const file = (await readdir(folder)).find((name) => name.startsWith(prefix) && name.endsWith('.whl'));
    return file === undefined ? undefined : path.join(folder, file);
  };
  const kept = await find();
  if (kept !== undefined) return kept;
  const options = ['--no-deps', '--only-binary=:all:', ...WHEEL_TARGET, '--dest', folder];
  try {
    const requirement = `${distribution}==${TENSORFLOW_VERSION}`;
    await runTool(python, ['-m', 'pip', 'download', ...options, requirement], { log, visible: true });
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new HearkenError(
      'setup/download',
      `Expected to fetch ${distribution} ${TENSORFLOW_VERSION}, got: ${reason}`,
      { cause },
    );
  }
  const fetched = await find();
  if (fetched === undefined)
    throw new HearkenError('setup/download', `Expected a wheel \`${prefix}*\` in ${folder}, got none`);
  return fetched;
}
