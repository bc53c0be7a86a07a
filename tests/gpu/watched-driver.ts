import { execFile } from 'node:child_process';
import { readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { promisify } from 'node:util';

import { packageRoot } from '../../src/package-root.ts';

export type WatchedDriver = {
  /** Bytes of memory that the device holds now. */ readonly deviceBytes: () => Promise<number>;
  /** The device is lost with the next work that it is given. */ readonly loseDevice: () => void;
};

/** Builds the driver in `folder`, and has this process use it from the moment it first asks for a GPU. Needs gcc. */
export async function useWatchedDriver(folder: string): Promise<WatchedDriver> {
  const library = path.join(folder, 'driver.so');
  const source = path.join(packageRoot(), 'tests/gpu/watched-driver.c');
  await promisify(execFile)('gcc', ['-shared', '-fPIC', '-Wall', '-Werror', '-o', library, source, '-ldl']);
  const driver = path.join(folder, 'driver.json');
  const ICD = { library_path: library, api_version: '1.0.5' };
  await writeFile(driver, JSON.stringify({ file_format_version: '1.0.0', ICD }));
  const held = path.join(folder, 'device-bytes');
  process.env['VK_ICD_FILENAMES'] = driver;
  process.env['DEVICE_BYTES'] = held;
  return {
    deviceBytes: async () => Number((await readFile(held)).readBigInt64LE()),
    loseDevice: () => {
      process.env['LOSE_DEVICE'] = 'now';
    },
  };
}
