/** Files that an option names to be written: refused before the work where they must not be, and written whole or not at all. */
import { randomBytes } from 'node:crypto';
import { fstatSync, type Stats } from 'node:fs';
import { access, constants, type FileHandle, open, readlink, rename, rm, stat, writeFile } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { isatty } from 'node:tty';

import { HearkenError } from '../src/errors.ts';
import { UsageError } from './usage-error.ts';

/** A kind of output file. */
export type FileKind = {
  readonly name: string;
  /** First bytes of every such file, after `at` others; default 0. */
  readonly signature: Uint8Array;
  readonly at?: number;
};

/** A file to be written. Disposing of it before `replace` leaves everything as it was. */
export type OutputFile = AsyncDisposable & {
  /** Puts `content` in the file's place. Throws `output/unwritable`, and leaves what was there. */
  replace(content: Uint8Array): Promise<void>;
};

type Options = {
  /** The option that names it, for messages. */ readonly option: string;
  readonly kind: FileKind;
  /** Files that the command reads; `-` is none. */ readonly inputs: readonly string[];
};

/**
 * Opens a file to write. Throws a usage error on an input, on a file that is not of the kind, and where nothing can be
 * written.
 */
export async function openOutputFile(path: string, { option, kind, inputs }: Options): Promise<OutputFile> {
  const refuse = (got: string, cause?: unknown): UsageError =>
    new UsageError(`Expected ${option} to be a new file or ${kind.name}, got ${got}`, { cause });
  const found = await stat(path).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return undefined;
    throw refuse(`${path}, where nothing can be written (${codeOf(error)})`, error);
  });
  if (found?.isDirectory()) throw refuse(`the folder ${path}`);
  if (path === '-' || (found !== undefined && isStandardStream(found))) {
    throw refuse(`${path}: standard output and error are for lines`);
  }
  for (const input of inputs) {
    if (await isSame(path, input)) throw refuse(`${path}, which is read`);
  }
  try {
    // A pipe or a device has no content to be kept, and no place that another file could take.
    if (found !== undefined && !found.isFile()) return asItComes(path, await open(path, 'w'));
    if (found !== undefined && !(await isOf(path, kind))) throw refuse(`${path}, which holds something else`);
    if (found !== undefined) await access(path, constants.W_OK);
    return await inPlaceOf(await targetOf(path), found === undefined ? 0o666 : found.mode & 0o777);
  } catch (error) {
    if (error instanceof UsageError) throw error;
    throw refuse(`${path}, where nothing can be written (${codeOf(error)})`, error);
  }
}

/** The file that a path leads to by its links, which may not be there yet. */
async function targetOf(path: string): Promise<string> {
  const link = await readlink(path).catch(() => undefined);
  return link === undefined ? path : targetOf(resolve(dirname(path), link));
}

/** Whether the folder takes a file is tried at once; between that and `replace` nothing lies there that a killed process would leave. */
async function inPlaceOf(target: string, mode: number): Promise<OutputFile> {
  const draft = join(dirname(target), `.hearken-${randomBytes(6).toString('hex')}.partial`);
  const write = async (content: Uint8Array, isToStay: boolean): Promise<void> => {
    try {
      await writeFile(draft, content, { flag: 'wx', mode, flush: true });
      if (isToStay) await rename(draft, target);
    } finally {
      await rm(draft, { force: true });
    }
  };
  await write(new Uint8Array(0), false);
  return {
    replace: (content) => writing(target, () => write(content, true)),
    [Symbol.asyncDispose]: async () => {},
  };
}

function asItComes(path: string, file: FileHandle): OutputFile {
  return {
    replace: (content) => writing(path, () => file.writeFile(content)),
    [Symbol.asyncDispose]: () => file.close(),
  };
}

async function writing(path: string, write: () => Promise<void>): Promise<void> {
  try {
    await write();
  } catch (error) {
    throw new HearkenError('output/unwritable', `Expected to write ${path}, got ${codeOf(error)}`, { cause: error });
  }
}

/** Whether lines for people or programs go to the file, too; a device that is no terminal takes whatever is written. */
function isStandardStream({ dev, ino }: Stats): boolean {
  return [1, 2].some((descriptor) => {
    const stream = fstatSync(descriptor);
    if (stream.dev !== dev || stream.ino !== ino) return false;
    return !stream.isCharacterDevice() || isatty(descriptor);
  });
}

/** Whether two paths name one file, by whatever links. */
async function isSame(path: string, other: string): Promise<boolean> {
  if (other === '-') return false;
  const [one, two] = await Promise.all([path, other].map((each) => stat(each).catch(() => undefined)));
  return one !== undefined && two !== undefined && one.dev === two.dev && one.ino === two.ino;
}

/** Whether the file is of the kind, or empty. */
async function isOf(path: string, { signature, at = 0 }: FileKind): Promise<boolean> {
  const file = await open(path, 'r');
  try {
    const { buffer, bytesRead } = await file.read(Buffer.alloc(at + signature.length), 0, at + signature.length, 0);
    return bytesRead === 0 || buffer.subarray(at).equals(signature);
  } finally {
    await file.close();
  }
}

function codeOf(error: unknown): string {
  const { code = String(error) } = error as NodeJS.ErrnoException; // of node:fs
  return code;
}
